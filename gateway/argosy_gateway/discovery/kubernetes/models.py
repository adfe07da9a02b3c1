# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Model resources -> what is wanted of the models that a control plane has to know. Pure."""

from collections.abc import Callable, Iterable, Mapping

from argosy.fleet.v1.model_pb2 import ModelDescription
from pydantic import ValidationError

from argosy_gateway.discovery.kubernetes.objects import Object
from argosy_gateway.document import ModelEntry
from argosy_gateway.services import domains

#: Path of the resources of one namespace.
PATH = "/apis/argosy.dev/v1alpha1/namespaces/{namespace}/models"


def entries(resources: Iterable[Object], problem: Callable[[str, str], None] | None = None) -> Mapping[str, ModelEntry]:
    """What the resources want of each model, by the name that callers use; of two for one name, the older counts.

    ``problem`` is called with the name of each resource that is unusable, and why; it is left out.
    """
    found: dict[str, ModelEntry] = {}
    for each in sorted(resources, key=_age):
        spec = each.get("spec") or {}
        given = {key: spec[key] for key in ("labels", "traffic", "loaded") if key in spec}
        try:
            entry = ModelEntry.model_validate(given)
        except ValidationError as error:
            if problem is not None:
                problem(each["metadata"]["name"], error.errors(include_url=False)[0]["msg"])
            continue
        found.setdefault(_name(each), entry)
    return found


def described(resources: Iterable[Object]) -> tuple[ModelDescription, ...]:
    """What resources alone say of their models, by name: for models that no worker has told anything about yet."""
    found: dict[str, ModelDescription] = {}
    for each in sorted(resources, key=_age):
        name, spec = _name(each), each.get("spec") or {}
        if spec.get("domain") in domains() and spec.get("loaded", True):
            found.setdefault(name, ModelDescription(name=name, domain=spec["domain"]))
    return tuple(found[name] for name in sorted(found))


def _name(resource: Object) -> str:
    """The name that callers use."""
    name: str = (resource.get("spec") or {}).get("name") or resource["metadata"]["name"]
    return name


def _age(resource: Object) -> tuple[str, str]:
    metadata = resource["metadata"]
    return metadata.get("creationTimestamp") or "", metadata["name"]
