# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Model resources -> what is wanted of models: the same for a control plane and for the controller."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from argosy.fleet.v1.model_pb2 import ModelDescription

from argosy_gateway import model_resource
from argosy_gateway.discovery.kubernetes.objects import Object
from argosy_gateway.model_resource import ModelResourceError, WantedModel
from argosy_gateway.services import domains

#: Path of the resources of one namespace.
PATH = f"/apis/{model_resource.GROUP}/{model_resource.VERSION}/namespaces/{{namespace}}/{model_resource.PLURAL}"


@dataclass(frozen=True, slots=True)
class Models:
    """What resources want."""

    wanted: Mapping[str, WantedModel]
    """By the name that callers use; of two resources for one name, the older counts."""
    unknown: frozenset[str]
    """Names of models of which nothing is known: their resources cannot be used, and never could."""
    problems: Mapping[str, str]
    """Why a resource cannot be used, by the name of the resource."""


class Reading:
    """Reads resources again and again. One that cannot be used any more counts as it last could.

    A resource that this version does not understand, or that somebody broke, is no reason to take a model out of
    service.
    """

    def __init__(self) -> None:
        self._last: Mapping[tuple[str, str], WantedModel] = {}

    def read(self, resources: Iterable[Object]) -> Models:
        """Takes all resources that there are now."""
        last: dict[tuple[str, str], WantedModel] = {}
        unknown: set[str] = set()
        problems: dict[str, str] = {}
        for each in resources:
            about = each["metadata"]
            key = about.get("uid", ""), about["name"]
            try:
                last[key] = model_resource.parse(each)
            except ModelResourceError as error:
                problems[about["name"]] = str(error)
                if key in self._last:
                    last[key] = replace(self._last[key], deleting="deletionTimestamp" in about)
                else:
                    unknown.add(model_resource.name_of(each))
        self._last = last
        wanted = model_resource.by_name(last.values())
        return Models(wanted, frozenset(unknown - wanted.keys()), problems)


def described(models: Iterable[WantedModel]) -> tuple[ModelDescription, ...]:
    """What resources alone say of their models, by name: for models that no worker has told anything about yet."""
    found = [ModelDescription(name=each.name, domain=each.domain) for each in models if each.loaded]
    return tuple(sorted((each for each in found if each.domain in domains()), key=lambda each: each.name))
