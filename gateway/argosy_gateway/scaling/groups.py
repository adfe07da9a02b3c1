# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The groups of workers whose number is decided, each with what was measured of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from argosy.fleet.v1.fleet_pb2 import WORKER_STATUS_DRAINING, WORKER_STATUS_UNREACHABLE

from argosy_gateway.fleet import Fleet, WorkerView
from argosy_gateway.latest import Latest
from argosy_gateway.scaling.demand import Demand
from argosy_gateway.scaling.loads import Loads
from argosy_gateway.scaling.policy import History, Sample, Settings

#: A group of some models of which nobody has asked for so long is measured no more, in seconds.
FORGET_S = 3600.0
#: Most groups that are measured: whoever reaches the scaler can ask about any models.
MOST_GROUPS = 256


class TooManyGroups(Exception):
    """One more would be more than :data:`MOST_GROUPS`."""


@dataclass(frozen=True, slots=True)
class Group:
    """The workers of a domain; those alone that hold one of some models, where any are named."""

    domain: str
    models: frozenset[str] = frozenset()

    def concerns(self, model: str) -> bool:
        """Whether calls of a model count."""
        return not self.models or model in self.models

    def workers(self, fleet: Fleet) -> list[WorkerView]:
        """Its workers that are there: serving or starting, not leaving."""
        return [
            worker
            for worker in fleet.workers
            if worker.domain == self.domain
            and worker.status != WORKER_STATUS_DRAINING
            and (not self.models or not worker.loaded or not self.models.isdisjoint(worker.models))
        ]


@dataclass(slots=True)
class _Record:
    """What was measured of one group."""

    history: History
    began: float
    called: float
    asked: float
    """When it was last asked about."""


class Groups:
    """Measures groups and decides. Times are monotonic, in seconds. For one event loop."""

    def __init__(
        self, domains: Iterable[str], fleet: Latest[Fleet], loads: Loads, demand: Demand, clock: Callable[[], float]
    ) -> None:
        self._fleet = fleet
        self._loads = loads
        self._demand = demand
        self._clock = clock
        # Measured from the start, so that whoever is asked first knows as much as its peers.
        self._records = {Group(domain): self._record() for domain in domains}

    def wanted(self, group: Group, settings: Settings) -> int:
        """Replicas that are wanted of a group now; one that was never asked about is measured from now on.

        Raises:
            TooManyGroups: it would be.
        """
        record = self._records.get(group)
        if record is None:
            if len(self._records) >= MOST_GROUPS:
                raise TooManyGroups(f"{MOST_GROUPS} groups of models are scaled already")
            record = self._records[group] = self._record()
            self._measure(group, record)
        record.asked = self._clock()
        return record.history.wanted(settings, record.asked, self._called(group, record))

    def measure(self) -> None:
        """Takes a sample of every group."""
        fleet = self._fleet.value
        self._loads.keep(worker.address for worker in fleet.workers)
        oldest = self._clock() - FORGET_S
        for group in [each for each, record in self._records.items() if each.models and record.asked < oldest]:
            del self._records[group]
        for group, record in self._records.items():
            self._measure(group, record)

    def _measure(self, group: Group, record: _Record) -> None:
        now = self._clock()
        workers = group.workers(self._fleet.value)
        serving = [worker for worker in workers if any(map(group.concerns, worker.ready_models))]
        # One that cannot be reached from here may be answering calls all the same.
        reporting = {worker.address for worker in (*serving, *filter(_is_lost, workers))}
        use = self._loads.use((worker.address for worker in workers), reporting, group.concerns, now)
        if use.offered or use.silent:
            record.called = now
        record.history.add(
            Sample(
                now,
                replicas=len(workers),
                serving=len(serving),
                demand=use.demand,
                backlog=use.backlog,
                answered=use.answered,
                tight=use.tight,
                missed=use.missed,
                silent=use.silent,
            )
        )

    def _record(self) -> _Record:
        now = self._clock()
        return _Record(History(now), now, now, now)

    def _called(self, group: Group, record: _Record) -> float:
        """When the group was last called, or a caller that found no worker comes back."""
        in_vain = self._demand.last(group.domain)
        return record.called if in_vain is None else max(record.called, in_vain)


def _is_lost(worker: WorkerView) -> bool:
    """Whether it had models, and cannot be reached any more."""
    return worker.status == WORKER_STATUS_UNREACHABLE and worker.loaded
