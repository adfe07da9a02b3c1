# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The policy against autoscalers by CPU utilisation, on a seeded trace in virtual time."""

import pytest

from bench import scaling
from bench.scaling_model import MOST_PODS, CpuUtilization, Deadlines, Pods, Pool, Scaler, Site, arrivals, simulate

HOURS = 0.5


class Fixed:
    """Always wants as many."""

    def __init__(self, count: int) -> None:
        self._count = count

    def look(self, pool: Pool) -> int:
        return self._count


@pytest.mark.parametrize("target", [0.6, 0.8])
def test_the_policy_misses_fewer_deadlines_in_no_more_gpu_hours(target: float) -> None:
    ours = scaling.measure(scaling.policy(scaling.TARGETS[target]), 1, HOURS)
    theirs = scaling.measure(CpuUtilization(target), 1, HOURS)
    assert ours.asked == theirs.asked > 50_000
    assert theirs.missed > 0
    assert ours.missed < theirs.missed
    assert ours.gpu_hours <= theirs.gpu_hours


def test_a_trace_is_the_same_for_a_seed_and_another_for_another() -> None:
    assert list(arrivals(1, 60, 90)) == list(arrivals(1, 60, 90)) != list(arrivals(2, 60, 90))


def count(scaler: Scaler, site: Site, rate: int, seconds: int) -> Pool:
    """Runs a steady rate of calls."""
    return simulate(scaler, site, iter([rate // 10] * (10 * seconds)))


def test_calls_are_missed_only_where_they_cannot_be_answered_in_time() -> None:
    site = Site(capacity=100, deadline_s=1, start_s=0)
    assert count(Fixed(2), site, 200, 60).missed == 0
    short = count(Fixed(1), site, 200, 60)
    assert short.asked == 12_000
    assert short.missed == pytest.approx(6_000 - 100, abs=20), "what one replica can do, and what its queue holds"
    assert short.busy_s == pytest.approx(60, abs=0.2)


def test_the_baseline_rises_as_documented_and_waits_before_it_falls() -> None:
    site = Site(capacity=100, start_s=0)
    pool = count(CpuUtilization(0.5), site, 100, 60)
    assert pool.replicas == 2, "all of one replica is twice the target"
    pods = Pods(stable_s=300)
    assert pods.allowed(pool, 50) == 2 + MOST_PODS, "not more than four, or twice as many, within 15 s"
    pool.now += 200
    pool.scale(5)
    assert pods.allowed(pool, 1) == 5
    pool.now += 101
    assert pods.allowed(pool, 1) == 1


def test_nobody_is_paid_for_while_nobody_calls() -> None:
    site = Site(start_s=10)
    pool = count(Deadlines(scaling.Settings(start_s=10, idle_s=60), 0), site, 0, 600)
    assert pool.replicas == 0
    assert pool.replica_s < 120
