# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The API server as a source: workers from EndpointSlices, and how their calls are shared from Model resources."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from functools import partial

from argosy_gateway.discovery import Desired, desired
from argosy_gateway.discovery.kubernetes import models, slices
from argosy_gateway.discovery.kubernetes.connection import connect
from argosy_gateway.discovery.kubernetes.objects import Objects
from argosy_gateway.discovery.kubernetes.watching import Connect, Pace, Resource, follow
from argosy_gateway.latest import Latest

_log = logging.getLogger(__name__)


class KubernetesSource:
    """Follows one namespace. Nothing is known before all of it has been listed once; after that, something always is.

    Args:
        namespace: Where the fleet is.
        pod: Name of the gateway's pod that this control plane is in, whose zone counts; empty outside the cluster.
        zone: The zone, in the place of the pod's.
        connection: Connects to the API server.
        pace: Times of the watches.
    """

    #: Workers are told what to serve by the controller that holds the Lease, never by a control plane.
    epoch = None

    def __init__(
        self,
        namespace: str,
        pod: str = "",
        zone: str = "",
        connection: Connect = connect,
        pace: Pace | None = None,
    ) -> None:
        self._pod, self._zone = pod, zone
        self._connect, self._pace = connection, pace
        self._resources = {
            "slices": Resource(slices.PATH.format(namespace=namespace), slices.SELECTOR),
            "models": Resource(models.PATH.format(namespace=namespace), optional=True),
        }
        self._objects: dict[str, Objects] = {}
        self._desired: Latest[Desired | None] = Latest(None)
        self._reading = models.Reading()
        self._said: frozenset[str] = frozenset()

    def current(self) -> Desired | None:
        """What was wanted when the API server was last heard of; None before that."""
        return self._desired.value

    async def changes(self) -> AsyncIterator[Desired]:
        """Yields what is wanted once that is known and after each change, until cancelled. One may ask at a time."""
        following = [
            asyncio.create_task(follow(self._connect, resource, partial(self._on_objects, kind), self._pace))
            for kind, resource in self._resources.items()
        ]
        for task in following:
            task.add_done_callback(lambda _task: self._desired.set(self._desired.value))  # so that it is looked at
        try:
            async for found in self._desired.changes():
                for task in following:
                    if task.done():
                        task.result()
                if found is not None:
                    yield found
        finally:
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)

    def _on_objects(self, kind: str, objects: Objects) -> None:
        self._objects[kind] = objects
        if self._objects.keys() != self._resources.keys():
            return
        found = self._put_together()
        if found != self._desired.value:
            self._desired.set(found)

    def _put_together(self) -> Desired:
        listed = list(self._objects["slices"].values())
        read = self._reading.read(self._objects["models"].values())
        problems = [f"Model {name}: {reason}" for name, reason in read.problems.items()]
        found = slices.workers(listed, self._zone or slices.zone_of(listed, self._pod))
        problems += [f"EndpointSlices of the unknown domain {domain!r}" for domain in sorted(found.unknown_domains)]
        problems += [f"workers at the unusable address {address!r}" for address in sorted(found.unusable)]
        self._say(problems)
        entries = {name: model.entry for name, model in read.wanted.items()}
        return desired(found.specs, entries, models.described(read.wanted.values()), found.distant)

    def _say(self, problems: Iterable[str]) -> None:
        """Reports each problem when it appears."""
        now = frozenset(problems)
        for problem in sorted(now - self._said):
            _log.error("ignored", extra={"reason": problem})
        self._said = now
