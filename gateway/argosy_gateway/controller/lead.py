# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the controller does while it holds the Lease: watch, tell, report, let go."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from argosy.fleet.v1.fleet_pb2 import WORKER_STATUS_UNREACHABLE
from argosy.fleet.v1.model_pb2 import MODEL_STATE_DRAINING, MODEL_STATE_LOADING

from argosy_gateway.controller import operator, trials
from argosy_gateway.controller.lease import MOST
from argosy_gateway.controller.reporter import Reporter
from argosy_gateway.controller.settings import Settings
from argosy_gateway.controller.usage import Usage
from argosy_gateway.controller.workers import Workers
from argosy_gateway.controller.world import Seen
from argosy_gateway.fleet import WorkerView
from argosy_gateway.latest import Latest
from argosy_gateway.watch.dial import plain, secured
from argosy_gateway.watch.labels import Outdone

#: Time between two looks at what is to be reported, in seconds.
_LOOK_S = 1.0
#: States of a version with which a worker is not through.
_BUSY = (MODEL_STATE_LOADING, MODEL_STATE_DRAINING)


class Term:
    """One term of one holder of the Lease. For one event loop.

    Args:
        epoch: Epoch of the Lease.
        again: Whether this process has had a term of that epoch before.
        seen: What the API server says.
        writer: Takes status and events.
        settings: The settings.
        outdone: Told of an epoch that is known to workers or from a status and is not lower: as long as the Lease is
            held the next term follows, with a higher one.
    """

    def __init__(
        self,
        epoch: int,
        again: bool,
        seen: Latest[Seen | None],
        writer: trials.Writer,
        settings: Settings,
        outdone: Outdone,
    ) -> None:
        self._epoch = epoch
        self._again = again
        self._outdone = outdone
        self._seen = seen
        self._settings = settings
        dial = secured(Path(settings.worker_tls)) if settings.worker_tls else plain
        self._workers = Workers(epoch, settings.load_timeout_s, dial, outdone)
        self._usage = Usage(settings.canary_window_s)
        self._trials = trials.Trials(self._usage, writer)
        self._reporter = Reporter(writer, epoch, settings.status_interval_s, self._usage.of)

    async def run(self) -> None:
        """Runs until cancelled."""
        first = await _first(self._seen)
        reported = reported_epoch(first.resources)
        if reported > self._epoch or (reported == self._epoch and not self._again):
            # The Lease was made anew and counts from the beginning. Nothing is done before it counts on.
            self._outdone(reported)
            await asyncio.Event().wait()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(operator.run(self._settings.chosen_namespace, self._drained))
            tasks.create_task(self._workers.run(first))
            tasks.create_task(self._follow())
            tasks.create_task(self._report())
            tasks.create_task(self._read())

    async def _follow(self) -> None:
        async for seen in self._seen.changes():
            if seen is not None:
                self._workers.want(seen)

    async def _report(self) -> None:
        while True:
            seen = self._seen.value
            if seen is not None:
                await self._reporter.report(seen.resources, seen.models, self._workers.placed, self._workers.views)
            await asyncio.sleep(_LOOK_S)

    async def _read(self) -> None:
        while True:
            await self._usage.read(list(self._workers.views.values()))
            seen = self._seen.value
            if seen is not None:
                await self._trials.end_bad_ones(seen.resources, seen.models, time.monotonic())
            await asyncio.sleep(self._settings.usage_interval_s)

    def _drained(self, uid: str) -> bool:
        seen = self._seen.value
        model = next((each for each in seen.models.values() if each.uid == uid), None) if seen else None
        if model is None:  # it cannot be used, or another has its name: no worker was told of it
            return seen is not None
        return model.deleting and drained(model.name, self._workers.views)


def reported_epoch(resources: Mapping[str, Mapping[str, Any]]) -> int:
    """The highest epoch under which a status was written; one that no controller can have had is left out."""
    epochs = (int(resource.get("status", {}).get("epoch", 0)) for resource in resources.values())
    return max((epoch for epoch in epochs if epoch <= MOST), default=0)


def drained(model: str, views: Mapping[str, WorkerView]) -> bool:
    """Whether no worker that can be reached answers with a model, or is about to, or finishes its calls."""
    return not any(
        worker.answers(model) or any(version.state in _BUSY for version in worker.models[model].versions)
        for worker in views.values()
        if model in worker.models and worker.status != WORKER_STATUS_UNREACHABLE
    )


async def _first(seen: Latest[Seen | None]) -> Seen:
    async for value in seen.changes():
        if value is not None:
            return value
    raise AssertionError("it is never closed")
