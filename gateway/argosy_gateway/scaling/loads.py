# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What workers say that they have to do, as rates and in replicas. All times are monotonic, in seconds."""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field

from argosy.fleet.v1.load_pb2 import ModelLoad, WorkerLoad

#: A report older than this says nothing of the present.
STALE_S = 5.0

_Version = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Use:
    """What is asked of some workers, all of them together."""

    demand: float = 0.0
    """In replicas: 1 is all that one can do."""
    backlog: float = 0.0
    """What waits, in seconds of one replica's work."""
    offered: float = 0.0
    """Items that callers ask for in a second."""
    answered: float = 0.0
    """Calls with a deadline that are answered in a second."""
    tight: float = 0.0
    """Those of them whose deadline was near."""
    missed: float = 0.0
    """Calls in a second that are refused or expire."""
    silent: int = 0
    """Workers of which nothing of this is known at present, where something should be."""

    def __add__(self, other: "Use") -> "Use":
        return Use(
            self.demand + other.demand,
            self.backlog + other.backlog,
            self.offered + other.offered,
            self.answered + other.answered,
            self.tight + other.tight,
            self.missed + other.missed,
            self.silent + other.silent,
        )


@dataclass(slots=True)
class _Worker:
    """The last two reports of one worker."""

    at: float
    models: Mapping[_Version, ModelLoad]
    processor_s: float
    before_at: float = 0.0
    before: Mapping[_Version, ModelLoad] = field(default_factory=dict)
    busy: float = 0.0
    """Part of its processors' time that it took between the two."""


class Loads:
    """The load of every worker, as last reported."""

    def __init__(self) -> None:
        self._workers: dict[str, _Worker] = {}
        self._capacity: dict[str, float] = {}
        """Items that one replica runs of a model in a second, as last heard of any."""

    def report(self, address: str, load: WorkerLoad, now: float) -> None:
        """Takes a worker's report."""
        models = {(model.model, model.version): model for model in load.models}
        processor_s = load.processor_time.ToNanoseconds() / 1e9
        for model in load.models:
            if model.capacity_items_per_second > 0:
                self._capacity[model.model] = model.capacity_items_per_second
        known = self._workers.get(address)
        if known is None or now - known.at > STALE_S:
            # Nothing to compare it with: what was counted in the meantime is not known to be of the present.
            self._workers[address] = _Worker(now, models, processor_s)
        elif now > known.at:
            taken_s = max(processor_s - known.processor_s, 0.0)
            busy = taken_s / (now - known.at) / max(load.processor_count, 1)
            self._workers[address] = _Worker(now, models, processor_s, known.at, known.models, busy)

    def keep(self, addresses: Iterable[str]) -> None:
        """Forgets all workers but these."""
        for address in self._workers.keys() - set(addresses):
            del self._workers[address]

    def use(
        self, addresses: Iterable[str], reporting: Container[str], concerns: Callable[[str], bool], now: float
    ) -> Use:
        """What is asked of some workers for the models that ``concerns`` says count.

        Those of them that are in ``reporting`` should have reported of late, and are silent where they have not.
        """
        total = Use()
        for address in addresses:
            worker = self._workers.get(address)
            if worker is not None and worker.before and now - worker.at <= STALE_S:
                total += self._of(worker, concerns)
            elif address in reporting:
                total += Use(silent=1)
        return total

    def _of(self, worker: _Worker, concerns: Callable[[str], bool]) -> Use:
        passed_s = worker.at - worker.before_at
        most = shared = backlog = offered = answered = tight = missed = 0.0
        for version, model in worker.models.items():
            earlier = worker.before.get(version)
            if not concerns(model.model) or earlier is None or model.offered_item_count < earlier.offered_item_count:
                continue  # loaded in between: its counts began anew
            rate = (model.offered_item_count - earlier.offered_item_count) / passed_s
            capacity = model.capacity_items_per_second or self._capacity.get(model.model, 0.0)
            part = rate / capacity if capacity else 0.0
            most = max(most, part)
            shared += part * model.device_share
            backlog += model.backlog.ToNanoseconds() / 1e9 * model.device_share
            offered += rate
            answered += (model.answered_count - earlier.answered_count) / passed_s
            tight += (model.tight_count - earlier.tight_count) / passed_s
            missed += (model.missed_count - earlier.missed_count) / passed_s
        # What comes before and after the engines may be what a worker lacks. Of a part of its models it is not known.
        busy = worker.busy if offered and all(concerns(model) for model, _ in worker.models) else 0.0
        return Use(max(most, shared, busy), backlog, offered, answered, tight, missed)
