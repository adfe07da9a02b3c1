# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Watches every worker, and tells each what it is to have."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from argosy.fleet.v1.worker_pb2 import ApplyDesiredRequest

from argosy_gateway.controller import desire
from argosy_gateway.controller.placement import Place, Placed, place_all
from argosy_gateway.controller.world import Seen
from argosy_gateway.discovery import Desired, WorkerSpec
from argosy_gateway.fleet import WorkerView
from argosy_gateway.latest import Latest
from argosy_gateway.model_resource import WantedModel
from argosy_gateway.registry import Registry
from argosy_gateway.watch.dial import Dial
from argosy_gateway.watch.labels import Outdone, Wanted
from argosy_gateway.watch.worker import watch


@dataclass(frozen=True)
class _Told(Wanted):
    """What one worker is told."""

    message: ApplyDesiredRequest = field(default_factory=ApplyDesiredRequest)

    def request(self) -> ApplyDesiredRequest:
        """As it is."""
        return self.message


class Workers:
    """The workers under one epoch. For one event loop; enter it for as long as the Lease is held.

    Args:
        epoch: Epoch of the Lease.
        load_timeout_s: Longest time to wait for the state of each worker before any is told anything, in seconds: who
            has a model already is known then.
        dial: Opens channels to workers.
        outdone: Told of the epoch for which a worker refuses ours, where that is a higher one.
    """

    def __init__(self, epoch: int, load_timeout_s: float, dial: Dial, outdone: Outdone) -> None:
        self._dial = dial
        self._outdone = outdone
        self._epoch = epoch
        self._load_timeout_s = load_timeout_s
        self._pools: Mapping[WorkerSpec, str] = {}
        self._models: Mapping[str, WantedModel] = {}
        self._unknown: frozenset[str] = frozenset()
        self._told: dict[WorkerSpec, Latest[Wanted | None]] = {}
        self._watches: dict[WorkerSpec, asyncio.Task[None]] = {}
        self._known = False
        self._registry = Registry()
        self.placed: Mapping[str, Placed] = {}

    @property
    def views(self) -> Mapping[str, WorkerView]:
        """What is known of each worker, by address."""
        return {worker.address: worker for worker in self._registry.fleet.value.workers}

    async def run(self, first: Seen) -> None:
        """Watches and tells, until cancelled; begins with these workers and models."""
        try:
            self._take(first)
            await self._registry.loaded(self._load_timeout_s)
            self._known = True
            async for _ in self._registry.fleet.changes():
                self._tell()
        finally:
            for task in self._watches.values():
                task.cancel()
            await asyncio.gather(*self._watches.values(), return_exceptions=True)

    def want(self, seen: Seen) -> None:
        """Takes other workers and other models."""
        self._take(seen)
        self._tell()

    def _take(self, seen: Seen) -> None:
        self._models, self._unknown = seen.models, seen.unknown
        self._follow(seen.workers)

    def _follow(self, workers: Sequence[tuple[WorkerSpec, str]]) -> None:
        self._pools = dict(workers)
        self._registry.want(Desired(tuple(self._pools)))
        for spec in self._watches.keys() - self._pools.keys():
            self._watches.pop(spec).cancel()
            del self._told[spec]
        for spec in self._pools.keys() - self._watches.keys():
            told = self._told[spec] = Latest[Wanted | None](None)
            view = WorkerView(domain=spec.domain, address=spec.address)
            self._watches[spec] = asyncio.create_task(
                watch(spec, view, partial(self._registry.update, spec), told, self._dial, outdone=self._outdone)
            )

    def _tell(self) -> None:
        if not self._known:
            return
        views = self.views
        places = [Place(views[spec.address], pool) for spec, pool in self._pools.items()]
        self.placed = place_all(self._models, places)
        for spec, told in self._told.items():
            request = desire.request(self._epoch, views[spec.address], self._models, self.placed, self._unknown)
            message = _Told(self._epoch, message=request)
            if told.value != message:
                told.set(message)
