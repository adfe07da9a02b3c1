# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""B3: goodput under overload: answers in time, as the caller sees them, when twice as much is asked as can be done."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from bench import generator, scheduler_alone, scrape, simulated, simulated_fleet
from bench.generator import Ask, Outcome
from bench.report import Section, Table
from bench.scheduler_alone import Overloaded
from bench.simulated import Device
from bench.stats import Bound, spread

MAIN = Device(10, 0.5, 32)
OTHERS = (Device(3, 0.1, 16), Device(40, 2, 8))
WARM_UP_S = 2.0
#: Part of the whole time that the baseline gets: its result is not close.
BASELINE_PART = 0.2
#: How long a call is on its way in virtual time.
WAY_S = 0.002


@dataclass(frozen=True, slots=True)
class Case:
    """One load on one device."""

    device: Device
    overload: float
    """Offered load, in multiples of the device's limit."""
    deadline_ms: float
    least_share: float
    """Least share of the device's limit that must be answered in time."""
    on_two_cores: bool = True
    """Whether two cores can pass so many calls at all; else the promise is looked at in virtual time."""

    def __str__(self) -> str:
        return f"{self.overload:g}x, deadline {self.deadline_ms:.4g} ms"


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of a case. Shares are of the device's limit, of the admitted calls, and of the engine's time."""

    goodput: float
    late_share: float
    """Of the admitted, those refused at claim or expired."""
    wasted_share: float
    """Of the engine's time, that for works nobody waited for any more."""
    refusal_p99_ms: float
    p50_ms: float
    p99_ms: float
    lag_ms: float
    """How late the generator was at its worst percent."""
    core: float
    """Processor time of the worker, as a share of one core."""
    wrong: dict[str, int]


CASES = (
    Case(MAIN, 2, 60, 0.80),
    Case(MAIN, 2, 80, 0.90),
    Case(MAIN, 2, 100, 0.95),
    Case(MAIN, 1, 100, 0.92),
    Case(OTHERS[0], 2, 3e3 * OTHERS[0].full_batch_s, 0.80, on_two_cores=False),
    Case(OTHERS[1], 2, 3e3 * OTHERS[1].full_batch_s, 0.80),
)


def in_virtual_time(seconds: float) -> dict[Case, Overloaded]:
    """What the scheduler does with the same loads where nothing else takes time. No event loop may be running."""
    return {
        case: scheduler_alone.overloaded(case.device, case.overload, case.deadline_ms / 1e3, seconds, WAY_S)
        for case in CASES
    }


async def run(seeds: int, seconds: float, progress: Callable[[str], None], alone: dict[Case, Overloaded]) -> Section:
    """Measures every case ``seeds`` times for ``seconds``, and the baseline for a part of that.

    ``alone`` is what :func:`in_virtual_time` returned.
    """
    found: dict[Case, list[Measured]] = {case: [] for case in CASES}
    baseline: dict[Case, float] = {}
    for device in (MAIN, *OTHERS):
        cases = [case for case in CASES if case.device == device]
        async with simulated_fleet.fleet(device) as fleet:
            await generator.drive(replace(simulated.ask(fleet.gateway), rate=device.limit / 2, seconds=WARM_UP_S))
            for seed in range(1, seeds + 1):
                for case in cases:
                    progress(f"{device}: {case}, seed {seed}")
                    before, worked_s = scrape.totals(fleet.metrics_address, "when"), fleet.process.cpu_seconds()
                    outcome = await generator.drive(_ask(case, fleet.gateway, seconds, seed))
                    worked_s = fleet.process.cpu_seconds() - worked_s
                    after = scrape.totals(fleet.metrics_address, "when")
                    counted = {name: value - before.get(name, 0.0) for name, value in after.items()}
                    found[case].append(_measured(case, outcome, counted, worked_s))
        for case in cases:
            progress(f"{device}: {case}, first in first out")
            async with simulated_fleet.fifo(device) as address:
                outcome = await generator.drive(_ask(case, address, seconds * BASELINE_PART, 1))
            baseline[case] = _goodput(case, outcome)
    return _section(found, alone, baseline, seconds)


def _ask(case: Case, address: str, seconds: float, seed: int) -> Ask:
    rate, deadline_s = case.overload * case.device.limit, case.deadline_ms / 1e3
    return replace(simulated.ask(address), rate=rate, deadline_s=deadline_s, seconds=seconds, seed=seed)


def _goodput(case: Case, outcome: Outcome) -> float:
    """Answers in time as a share of the device's limit, over the time in which calls were sent."""
    return outcome.codes["OK"] / outcome.sent_s / case.device.limit


def _measured(case: Case, outcome: Outcome, counted: dict[str, float], worked_s: float) -> Measured:
    refused = counted["argosy_refused_total/on_arrival"] + counted["argosy_refused_total/queue_full"]
    admitted = max(outcome.calls - refused, 1)
    late = counted["argosy_refused_total/at_claim"] + counted["argosy_expired_total"]
    expected = {"OK", "RESOURCE_EXHAUSTED", "UNAVAILABLE", "DEADLINE_EXCEEDED", "OK_LATE"}
    return Measured(
        goodput=_goodput(case, outcome),
        late_share=late / admitted,
        wasted_share=counted["argosy_engine_wasted_seconds_total"] / max(counted["argosy_engine_seconds_total"], 1e-9),
        refusal_p99_ms=outcome.refused_p99_s * 1e3,
        p50_ms=outcome.p50_s * 1e3,
        p99_ms=outcome.p99_s * 1e3,
        lag_ms=outcome.lag_p99_s * 1e3,
        core=worked_s / outcome.seconds,
        wrong={code: count for code, count in outcome.codes.items() if code not in expected},
    )


def _section(
    found: "dict[Case, list[Measured]]", alone: "dict[Case, Overloaded]", baseline: "dict[Case, float]", seconds: float
) -> Section:
    rows, bounds, failures = [], [], []
    for case, runs in found.items():
        rows.append(
            (str(case.device), str(case), *_figures(runs), f"{alone[case].goodput:.3f}", f"{baseline[case]:.3f}")
        )
        name = f"{case.device}, {case}" + ("" if case.on_two_cores else ", in virtual time")
        judged: Sequence[Measured | Overloaded] = runs if case.on_two_cores else [alone[case]]
        goodput = spread(one.goodput for one in judged)
        bounds.append(Bound(f"{name}: answered in time, share of limit", goodput, case.least_share, at_least=True))
        bounds.append(Bound(f"{name}: late of the admitted", spread(one.late_share for one in judged), 0.01))
        bounds.append(Bound(f"{name}: engine time wasted", spread(one.wasted_share for one in judged), 0.01))
        if case.overload > 1 and case.on_two_cores:
            bounds.append(Bound(f"{name}: refusals, p99 ms", spread(one.refusal_p99_ms for one in runs), 10.0))
            failures += [f"{name}: {one.wrong}" for one in runs if one.wrong]
    columns = (
        "device",
        "load",
        "in time / limit",
        "late / admitted",
        "engine time wasted",
        "p50 ms",
        "p99 ms",
        "refusal p99 ms",
        "generator lag p99 ms",
        "worker's core",
        "scheduler alone",
        "first in first out",
    )
    notes = (
        f"Open loop through the gateway, Poisson arrivals, {len(next(iter(found.values())))} seeds of {seconds:g} s "
        "each; measured by the caller, each reply's own payload checked; median (min-max). Worker's core: its "
        "processor time as a share of one core.",
        "Late: refused at claim or expired while waiting. Scheduler alone: in time / limit in virtual time, where "
        f"nothing but the device takes time; calls are on their way for {WAY_S * 1e3:g} ms on average. The last column "
        "is the same load on a bare server that batches first in, first out and refuses nobody, without a gateway.",
        *(
            f"{case.device}, {case}: {case.overload * case.device.limit:,.0f} calls/s are more than generator, gateway "
            "and worker pass on two cores. The row shows what became of them; the promise is looked at in virtual time."
            for case in found
            if not case.on_two_cores
        ),
    )
    return Section(
        "b3",
        Table("B3: goodput under overload", columns, tuple(rows), notes),
        tuple(bounds),
        [
            {"case": str(case), "device": str(case.device), **asdict(one)}
            for case, runs in found.items()
            for one in runs
        ],
        tuple(failures),
    )


def _figures(runs: Sequence[Measured]) -> tuple[str, ...]:
    return (
        spread(one.goodput for one in runs).text(3),
        spread(one.late_share for one in runs).text(4),
        spread(one.wasted_share for one in runs).text(4),
        spread(one.p50_ms for one in runs).text(0),
        spread(one.p99_ms for one in runs).text(0),
        spread(one.refusal_p99_ms for one in runs).text(1),
        spread(one.lag_ms for one in runs).text(1),
        spread(one.core for one in runs).text(2),
    )
