# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Scaling: deadlines missed and GPU hours, of the control plane's policy and of autoscalers by CPU utilisation.

Virtual: the calls are seeded, the policy is the one that runs, everything else is :mod:`bench.scaling_model`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial

from argosy_gateway.scaling.policy import Settings

from bench.report import Section, Table
from bench.scaling_model import CpuUtilization, Deadlines, Scaler, Site, arrivals, simulate
from bench.stats import Bound, spread

SITE = Site()
SEEDS = (1, 2, 3)
#: Calls in a second in quiet times; a burst has up to seven times as many, and two may meet.
BASE = 90.0
HOURS = 2.0
#: Targets of the autoscalers by CPU utilisation. Each is set beside the policy at the utilisation that follows it.
TARGETS: Mapping[float, float] = {0.5: 0.5, 0.6: 0.6, 0.7: 0.75, 0.8: 0.9}


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one trace."""

    asked: int
    missed: int
    gpu_hours: float
    used: float
    """Part of the GPU hours in which a replica was at work."""

    @property
    def missed_share(self) -> float:
        """Part of the calls whose deadline was missed."""
        return self.missed / max(self.asked, 1)


def measure(scaler: Scaler, seed: int, hours: float) -> Result:
    """Runs one trace under a scaler."""
    pool = simulate(scaler, SITE, arrivals(seed, hours * 3600, BASE))
    return Result(pool.asked, pool.missed, pool.replica_s / 3600, pool.busy_s / pool.replica_s)


def policy(utilization: float) -> Deadlines:
    """The policy with a replica always there, as autoscalers by CPU utilisation have one."""
    return Deadlines(Settings(start_s=SITE.start_s, utilization=utilization), least=1)


def to_zero(utilization: float) -> Deadlines:
    """The policy with no replica after five minutes without calls."""
    return Deadlines(Settings(start_s=SITE.start_s, utilization=utilization), least=0)


def scalers() -> dict[str, Callable[[], Scaler]]:
    """What is compared, by name."""
    found: dict[str, Callable[[], Scaler]] = {}
    for target, utilization in TARGETS.items():
        found[f"CPU utilisation {target:.0%}"] = partial(CpuUtilization, target)
        found[f"Argosy {utilization:.0%}"] = partial(policy, utilization)
    found["Argosy 70%, to zero"] = partial(to_zero, 0.7)
    return found


def run(progress: Callable[[str], None], seeds: Sequence[int] = SEEDS, hours: float = HOURS) -> Section:
    """Runs every trace under every scaler."""
    results: dict[str, list[Result]] = {}
    for name, make in scalers().items():
        progress(name)
        results[name] = [measure(make(), seed, hours) for seed in seeds]
    rows = tuple(_row(name, found) for name, found in results.items())
    bounds = []
    for target, utilization in TARGETS.items():
        ours, theirs = results[f"Argosy {utilization:.0%}"], results[f"CPU utilisation {target:.0%}"]
        missed = sum(each.missed for each in ours) / max(sum(each.missed for each in theirs), 1)
        paid = sum(each.gpu_hours for each in ours) / sum(each.gpu_hours for each in theirs)
        beside = f"Argosy {utilization:.0%}, of CPU utilisation {target:.0%}, all seeds together"
        bounds.append(Bound(f"missed deadlines of {beside}", spread([missed]), 1.0))
        bounds.append(Bound(f"GPU hours of {beside}", spread([paid]), 1.0))
    title = (
        f"Scaling: {hours:g} h of bursts, {SITE.capacity:g} calls/s a replica, deadline {SITE.deadline_s:g} s, "
        f"{SITE.start_s:g} s to start"
    )
    table = Table(title, ("scaler", "missed %", "GPU h", "used %"), rows, _NOTES)
    rounds = {name: [asdict(each) for each in found] for name, found in results.items()}
    return Section("scaling", table, tuple(bounds), rounds)


_NOTES = (
    f"Medians of {len(SEEDS)} seeds, least and most in brackets; virtual time, the same on every machine.",
    "CPU utilisation: Kubernetes' documented algorithm (15 s, tolerance 10 %, 300 s before a fall); CPU is taken "
    "to be used in proportion to its calls, which flatters it: a GPU's work shows little there.",
    "Argosy: the policy of the control plane, through KEDA and the same autoscaler.",
    "To zero: calls that find no replica are missed, since none waits 45 s.",
)


def _row(name: str, found: Sequence[Result]) -> tuple[str, ...]:
    missed = spread(100 * each.missed_share for each in found)
    hours = spread(each.gpu_hours for each in found)
    used = spread(100 * each.used for each in found)
    return (name, missed.text(2), hours.text(2), used.text(0))
