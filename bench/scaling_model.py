# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Replicas on Kubernetes in virtual time: bursty calls, pods that take long to start, and whoever sets their number.

Nothing waits and nothing runs: a step of 100 ms is a few additions, and a seed gives the same figures everywhere.
"""

import math
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from argosy_gateway.scaling.policy import History, Sample, Settings

STEP_S = 0.1
#: Of the horizontal pod autoscaler, as Kubernetes documents them.
SYNC_S, TOLERANCE, DOWN_STABLE_S = 15.0, 0.1, 300.0
#: It may add so many pods, or this part of those that there are, within a period of 15 s.
MOST_PODS, MOST_PART = 4, 1.0


@dataclass(frozen=True, slots=True)
class Site:
    """What is scaled."""

    capacity: float = 100.0
    """Calls that a replica can answer in a second."""
    deadline_s: float = 1.0
    start_s: float = 45.0
    """From the decision to add a replica until it answers."""
    most: int = 20
    """Replicas that there may be."""


def arrivals(seed: int, seconds: float, base: float) -> Iterator[int]:
    """Yields how many calls come in each step.

    A slow wave around ``base`` calls a second, bursts of up to seven times as many that come within seconds or within
    minutes, and now and then nobody for a quarter of an hour.
    """
    chance = random.Random(seed)
    bursts: list[tuple[float, float, float, float]] = []
    at = 0.0
    while (at := at + chance.expovariate(1 / 420)) < seconds:
        bursts.append((at, chance.uniform(5, 150), chance.expovariate(1 / 150), chance.uniform(1, 6)))
    quiet = list(_every(chance, 5400, seconds))
    for step in range(int(seconds / STEP_S)):
        now = step * STEP_S
        rate = base * (1 + 0.5 * math.sin(now / 1800))
        rate += sum(base * height * _shape(now - start, rise, lasts) for start, rise, lasts, height in bursts)
        if any(start <= now < start + 900 for start in quiet):
            rate = 0.0
        yield _poisson(chance, rate * STEP_S)


def _every(chance: random.Random, mean_s: float, seconds: float) -> Iterator[float]:
    at = 0.0
    while (at := at + 1800 + chance.expovariate(1 / mean_s)) < seconds:
        yield at


def _shape(since: float, rise: float, lasts: float) -> float:
    """A burst's height, of 1, some time after it began: up along a line, level, and down as fast."""
    if since < 0 or since > 2 * rise + lasts:
        return 0.0
    return min(since / rise, 1.0, (2 * rise + lasts - since) / rise)


def _poisson(chance: random.Random, mean: float) -> int:
    if mean > 30:
        return max(round(chance.gauss(mean, math.sqrt(mean))), 0)
    count, product, limit = 0, chance.random(), math.exp(-mean)
    while product > limit:
        count, product = count + 1, product * chance.random()
    return count


class Scaler(Protocol):
    """Whoever sets the number of replicas."""

    def look(self, pool: "Pool") -> int:
        """Replicas that are wanted; asked every step."""
        ...


@dataclass(slots=True)
class Pool:
    """The replicas, their queue, and what became of the calls."""

    site: Site
    now: float = 0.0
    ready_at: list[float] = field(default_factory=lambda: [0.0])
    """When each replica answers, first come first."""
    queue: float = 0.0
    asked: int = 0
    missed: int = 0
    answered: float = 0.0
    tight: int = 0
    busy_s: float = 0.0
    """Time that replicas were at work, of each added up."""
    replica_s: float = 0.0

    @property
    def replicas(self) -> int:
        """Replicas that there are, those that start among them."""
        return len(self.ready_at)

    @property
    def serving(self) -> int:
        """Those that answer."""
        return sum(ready <= self.now for ready in self.ready_at)

    def step(self, calls: int) -> None:
        """Lets calls come, and a step pass."""
        power = self.serving * self.site.capacity
        room = max(power * self.site.deadline_s - self.queue, 0.0)
        taken = min(float(calls), math.floor(room))
        if power and self.queue / power > self.site.deadline_s / 2:
            self.tight += int(taken)
        self.asked += calls
        self.missed += calls - int(taken)
        done = min(self.queue + taken, power * STEP_S)
        self.queue += taken - done
        self.answered += done
        self.busy_s += done / self.site.capacity
        self.replica_s += self.replicas * STEP_S
        self.now += STEP_S

    def scale(self, wanted: int) -> None:
        """Adds replicas, which then start, or takes some away, those that start first."""
        wanted = min(max(wanted, 0), self.site.most)
        while self.replicas < wanted:
            self.ready_at.append(self.now + self.site.start_s)
        del self.ready_at[wanted:]


class Pods:
    """The part of a horizontal pod autoscaler that both use: what it does with a number that somebody wants."""

    def __init__(self, stable_s: float) -> None:
        self._stable_s = stable_s
        self._asked: deque[tuple[float, int]] = deque()

    def allowed(self, pool: Pool, wanted: int) -> int:
        """Replicas after one look: a rise within its limits, a fall to the most that was wanted of late."""
        self._asked.append((pool.now, wanted))
        while self._asked[0][0] < pool.now - self._stable_s:
            self._asked.popleft()
        held = min(max(count for _, count in self._asked), pool.replicas)
        return min(max(wanted, held), max(pool.replicas + MOST_PODS, int(pool.replicas * (1 + MOST_PART))))


class CpuUtilization:
    """A horizontal pod autoscaler of CPU utilisation, whose pods use all of their CPU when they can do no more."""

    def __init__(self, target: float, stable_s: float = DOWN_STABLE_S) -> None:
        self._target = target
        self._pods = Pods(stable_s)
        self._busy_s = self._serving_s = 0.0
        self._sync_at = SYNC_S

    def look(self, pool: Pool) -> int:
        """Looks every 15 s, at what was used since: in truth the figures are older."""
        self._serving_s += pool.serving * STEP_S
        if pool.now < self._sync_at:
            return pool.replicas
        self._sync_at += SYNC_S
        used = (pool.busy_s - self._busy_s) / max(self._serving_s, 1e-9)
        self._busy_s, self._serving_s = pool.busy_s, 0.0
        return max(self._pods.allowed(pool, self._wanted(pool, used)), 1)

    def _wanted(self, pool: Pool, used: float) -> int:
        ratio = used / self._target
        if ratio > 1 and pool.serving < pool.replicas:
            # Pods that are not ready yet are taken to use nothing.
            ratio = max(ratio * pool.serving / pool.replicas, 1.0)
            return math.ceil(pool.replicas * ratio) if ratio > 1 + TOLERANCE else pool.replicas
        if abs(ratio - 1) <= TOLERANCE:
            return pool.replicas
        return math.ceil(pool.serving * ratio)


class Deadlines:
    """The control plane's policy, asked by KEDA: through a horizontal pod autoscaler, and at none at once."""

    def __init__(self, settings: Settings, least: int) -> None:
        self._settings, self._least = settings, least
        self._pods = Pods(0.0)
        self._history = History(0.0)
        self._sampled = (0.0, 0, 0.0, 0, 0)
        self._called = 0.0
        self._sync_at = SYNC_S

    def look(self, pool: Pool) -> int:
        """Samples every second; begins and ends at none at once, else is looked at every 15 s."""
        at, asked, answered, tight, missed = self._sampled
        if pool.asked > asked:
            self._called = pool.now
        if (passed := pool.now - at) >= 1:
            capacity = pool.site.capacity
            self._history.add(
                Sample(
                    pool.now,
                    pool.replicas,
                    pool.serving,
                    # Nobody who answers: nobody knows how much is asked, since callers come again.
                    demand=(pool.asked - asked) / capacity / passed if pool.serving else 0.0,
                    backlog=pool.queue / capacity,
                    answered=(pool.answered - answered) / passed,
                    tight=(pool.tight - tight) / passed,
                    missed=(pool.missed - missed) / passed if pool.serving else 0.0,
                )
            )
            self._sampled = (pool.now, pool.asked, pool.answered, pool.tight, pool.missed)
        if pool.replicas and pool.now < self._sync_at:
            return pool.replicas
        if pool.now >= self._sync_at:
            self._sync_at += SYNC_S
        wanted = max(self._history.wanted(self._settings, pool.now, self._called), self._least)
        if pool.replicas == 0 or wanted == 0:
            return min(wanted, 1)
        if abs(wanted / pool.replicas - 1) <= TOLERANCE:
            return pool.replicas
        return self._pods.allowed(pool, wanted)


def simulate(scaler: Scaler, site: Site, calls: Iterator[int]) -> Pool:
    """Runs a trace of calls through a pool that a scaler scales."""
    pool = Pool(site)
    for count in calls:
        pool.step(count)
        pool.scale(scaler.look(pool))
    return pool
