# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The fleet as it is now: one view per wanted worker, put together whenever one changes."""

import asyncio
import logging
from collections.abc import Iterable, Mapping

from argosy.fleet.v1.fleet_pb2 import WorkerStatus

from argosy_gateway.discovery import Desired, WorkerSpec
from argosy_gateway.fleet import Fleet, WorkerView
from argosy_gateway.latest import Latest
from argosy_gateway.sleeper import Sleeper
from argosy_gateway.traffic import Traffic

_log = logging.getLogger(__name__)


class Registry:
    """Owns the current fleet. For one event loop."""

    def __init__(self, autoscaled: Iterable[str] = ()) -> None:
        """``autoscaled`` are the domains whose workers an autoscaler starts and stops."""
        self._views: dict[WorkerSpec, WorkerView] = {}
        self._sleepers = {domain: Sleeper() for domain in autoscaled}
        self._traffic: Mapping[str, Traffic] = {}
        self._distant: frozenset[str] = frozenset()
        self.fleet: Latest[Fleet] = Latest(Fleet((), known=False))

    def want(self, desired: Desired) -> None:
        """Makes the fleet what is wanted of it; workers that stay keep what they said."""
        self._traffic, self._distant = desired.traffic, desired.distant
        for domain, sleeper in self._sleepers.items():
            sleeper.described = tuple(model for model in desired.described if model.domain == domain)
        self._views = {
            spec: self._views.get(spec) or WorkerView(domain=spec.domain, address=spec.address)
            for spec in desired.workers
        }
        self._publish()

    def update(self, spec: WorkerSpec, view: WorkerView) -> None:
        """Takes what is now known of a worker; ignored where it is no longer wanted."""
        before = self._views.get(spec)
        if before is None or before == view:
            return
        self._views[spec] = view
        if before.status != view.status:
            status = WorkerStatus.Name(view.status).removeprefix("WORKER_STATUS_")
            extra = {"worker": view.address, "domain": view.domain, "status": status, "reason": view.reason}
            _log.info("worker changed", extra=extra)
        self._publish()

    async def known(self) -> None:
        """Waits until it is known which workers are wanted."""
        async for fleet in self.fleet.changes():
            if fleet.known:
                return

    async def loaded(self, timeout_s: float) -> None:
        """Waits until every worker that is wanted has sent its state, at most ``timeout_s`` seconds."""
        try:
            async with asyncio.timeout(timeout_s):
                async for fleet in self.fleet.changes():
                    if all(worker.loaded for worker in fleet.workers):
                        return
        except TimeoutError:
            missing = [worker.address for worker in self.fleet.value.workers if not worker.loaded]
            _log.warning("starting without workers that did not answer", extra={"workers": missing})

    def _publish(self) -> None:
        workers = tuple(self._views.values())
        for domain, sleeper in self._sleepers.items():
            sleeper.see([worker for worker in workers if worker.domain == domain])
        asleep = {domain: sleeper.models for domain, sleeper in self._sleepers.items() if sleeper.asleep}
        self.fleet.set(Fleet(workers, self._traffic, self._distant, asleep=asleep))
