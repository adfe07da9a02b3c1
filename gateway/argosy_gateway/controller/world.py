# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the API server says: the ``Model`` resources, and the workers with their pools."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from argosy_gateway.discovery import WorkerSpec
from argosy_gateway.discovery.kubernetes import models, slices
from argosy_gateway.discovery.kubernetes.objects import Object, Objects
from argosy_gateway.discovery.kubernetes.watching import Connect, Resource, follow
from argosy_gateway.latest import Latest
from argosy_gateway.model_resource import WantedModel

#: Label by which an EndpointSlice names the Service that it belongs to.
_SERVICE = "kubernetes.io/service-name"


@dataclass(frozen=True, slots=True)
class Seen:
    """All of it at one moment."""

    resources: Mapping[str, Mapping[str, Any]]
    """Each ``Model`` as the API server has it, by the name of the resource."""
    models: Mapping[str, WantedModel]
    """What they want, by the name of the model; those that come second, or never could be used, left out."""
    unknown: frozenset[str]
    """Names of models whose resources never could be used."""
    workers: tuple[tuple[WorkerSpec, str], ...]
    """Each worker with its pool."""


def see(reading: models.Reading, resources: Objects, endpoint_slices: Iterable[Object]) -> Seen:
    """Puts together what the API server says; why resources cannot be used, the reporter says in their status."""
    read = reading.read(resources.values())
    listed = list(endpoint_slices)
    pools = {
        spec: (each["metadata"].get("labels") or {}).get(_SERVICE, "")
        for each in listed
        for spec in slices.workers([each], "").specs
    }
    specs = slices.workers(listed, "").specs
    return Seen(resources, read.wanted, read.unknown, tuple((spec, pools.get(spec, "")) for spec in specs))


class World:
    """Follows the API server. For one event loop.

    Args:
        connect: Connects to the API server.
        namespace: Namespace of the resources and of the workers.
    """

    def __init__(self, connect: Connect, namespace: str) -> None:
        self._connect = connect
        self._resources = {
            "slices": Resource(slices.PATH.format(namespace=namespace), slices.SELECTOR),
            "models": Resource(models.PATH.format(namespace=namespace)),
        }
        self._objects: dict[str, Objects] = {}
        self._reading = models.Reading()
        self.seen: Latest[Seen | None] = Latest(None)
        """What there is; None until all of it has been listed once."""

    async def run(self) -> None:
        """Follows until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for kind, resource in self._resources.items():
                tasks.create_task(follow(self._connect, resource, partial(self._on_objects, kind)))

    def _on_objects(self, kind: str, objects: Objects) -> None:
        self._objects[kind] = objects
        if self._objects.keys() == self._resources.keys():
            self.seen.set(see(self._reading, self._objects["models"], self._objects["slices"].values()))
