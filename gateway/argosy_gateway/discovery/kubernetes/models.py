# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Model resources -> what is wanted of the models that a control plane has to know. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from argosy.fleet.v1.model_pb2 import ModelDescription
from pydantic import ValidationError

from argosy_gateway.discovery.kubernetes.objects import Object
from argosy_gateway.document import ModelEntry

#: Path of the resources of one namespace.
PATH = "/apis/argosy.dev/v1alpha1/namespaces/{namespace}/models"


def entries(resources: Iterable[Object], problem: Any = None) -> Mapping[str, ModelEntry]:
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
        found.setdefault(spec.get("name") or each["metadata"]["name"], entry)
    return found


def descriptions(resources: Iterable[Object]) -> tuple[ModelDescription, ...]:
    """What is known of each model though no worker may run, by name."""
    found: dict[str, ModelDescription] = {}
    for each in sorted(resources, key=_age):
        spec = each.get("spec") or {}
        name = spec.get("name") or each["metadata"]["name"]
        if spec.get("loaded", True):
            found.setdefault(name, ModelDescription(name=name, domain=spec.get("domain", "")))
    return tuple(found[name] for name in sorted(found))


def _age(resource: Object) -> tuple[str, str]:
    metadata = resource["metadata"]
    return metadata.get("creationTimestamp") or "", metadata["name"]
