# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The device that all models of a worker share: so many runs at a time, and fairness between models.

Before a model claims a batch, those that wait and have had less of the device go first, by start-time fair queueing
on predicted engine time. Who finds the device full waits, and is called when a run ends.
"""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from argosy_worker.scheduling.fair import FairShare

NEVER = float("inf")
#: A batch is claimed this long before the run ahead of it is expected to end: time to stack it and hand it over. Where
#: the event loop is often late with claims, they are planned as much sooner.
CLAIM_LEAD_S = 0.003
#: ... and never before this part of that run is over.
CLAIM_LEAD_PART = 0.25


@dataclass(slots=True, eq=False)
class Turn:
    """A run that was granted the device. Monotonic times, in seconds."""

    starts: float
    predicted_s: float

    @property
    def ends(self) -> float:
        """When it is expected to end."""
        return self.starts + self.predicted_s


@dataclass(slots=True)
class Device:
    """Grants turns to models. Lives on one event loop."""

    slots: int
    """Runs at a time; each slot may have one more run prepared behind the one in progress."""
    gate: threading.Semaphore = field(init=False)
    """Held by a run in progress on an engine that does not queue runs itself."""
    _turns: list[Turn] = field(init=False, default_factory=list)
    """In the order in which they were granted: the first ``slots`` are running."""
    _waiting: dict[Hashable, Callable[[], None]] = field(init=False, default_factory=dict)
    _behind: set[Hashable] = field(init=False, default_factory=set)
    """Those of the waiting models that have copies of calls alone: all others go first."""
    _share: FairShare[Hashable] = field(init=False, default_factory=FairShare)

    def __post_init__(self) -> None:
        self.gate = threading.Semaphore(self.slots)

    def free_at(self, now: float) -> float:
        """When a run that is granted now would start."""
        if len(self._turns) < self.slots:
            return now
        ends = sorted(turn.ends for turn in self._turns)
        return max(ends[len(self._turns) - self.slots], now)

    def claim_at(self, now: float, lead_s: float = CLAIM_LEAD_S) -> float:
        """When the next run may be claimed; infinite while every slot has one prepared.

        Args:
            now: Monotonic time, in seconds.
            lead_s: How long before the end of the run ahead of it.
        """
        if len(self._turns) < self.slots:
            return now
        if len(self._turns) >= 2 * self.slots:
            return NEVER
        ahead = min(self._turns[: self.slots], key=lambda turn: turn.ends)
        return self.free_at(now) - min(lead_s, CLAIM_LEAD_PART * ahead.predicted_s)

    def wait(self, model: Hashable, wake: Callable[[], None], *, behind: bool = False) -> None:
        """Takes note that the model wants a turn; ``wake`` is called once, when it may be its turn.

        Args:
            model: Who waits.
            wake: Asks for a turn.
            behind: Whether it has copies of calls alone, which wait until nobody else does.
        """
        self._waiting[model] = wake
        if behind:
            self._behind.add(model)
        else:
            self._behind.discard(model)

    def let_others_first(self, model: Hashable, *, behind: bool = False) -> None:
        """Calls every waiting model that goes before this one; each takes a turn or waits again."""
        while self._waiting:
            first = min(self._waiting, key=self._rank)
            if self._rank(first) >= (behind, self._share.tag(model)):
                return
            self._waiting.pop(first)()
            if first in self._waiting:
                return  # the device is full

    def leave(self, model: Hashable) -> None:
        """Takes note that the model wants nothing at present."""
        self._waiting.pop(model, None)
        self._behind.discard(model)

    def grant(self, model: Hashable, start: float, predicted_s: float, *, free: bool = False) -> Turn:
        """Gives the model its turn, for a run that is expected to start and last so; a ``free`` one is not charged."""
        self.leave(model)
        if not free:
            self._share.charge(model, predicted_s)
        turn = Turn(start, predicted_s)
        self._turns.append(turn)
        return turn

    def release(self, turn: Turn, now: float) -> None:
        """Takes note that a run has ended, and calls the model whose turn it is."""
        self._turns.remove(turn)
        if len(self._turns) >= self.slots:
            self._turns[self.slots - 1].starts = now
        while self._waiting and self.claim_at(now) <= now:
            self._waiting.pop(min(self._waiting, key=self._rank))()

    def _rank(self, model: Hashable) -> tuple[bool, float]:
        """Lower goes first."""
        return model in self._behind, self._share.tag(model)


class Devices:
    """A worker's devices by name."""

    def __init__(self, runs: int = 0, processors: int = 1) -> None:
        """
        Args:
            runs: Runs at a time on each device; 0 means ``processors`` on the CPU, and one elsewhere.
            processors: Processors that the process may use.
        """
        self._runs = runs
        self._processors = processors
        self._devices: dict[str, Device] = {}

    def named(self, name: str) -> Device:
        """Returns the device of a name such as ``cpu`` or ``cuda:0``."""
        if name not in self._devices:
            usual = self._processors if name == "cpu" else 1
            self._devices[name] = Device(self._runs or usual)
        return self._devices[name]
