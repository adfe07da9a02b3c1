# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""B1's table and bounds."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from bench.generator import Ask
from bench.report import Section, Table
from bench.stats import Bound, spread

ECHO, WORKER, GATEWAY, UNNAMED = "echo", "worker", "worker + Envoy", "worker + Envoy, no x-model"
#: What an Envoy that does nothing of ours adds: less is not to be had with Envoy on the machine.
BARE = "worker + bare Envoy"
#: Envoy on the load generator's core, which it does not fill: woken for call after call it works on cold caches.
APART = "worker + Envoy apart"
#: Calls whose deadline the worker cannot meet, beside the echo's answers to them.
REFUSED = "refusal"
WORKER_LIMIT, WORKER_AIM, ENVOY_LIMIT, REFUSAL_LIMIT = 1.6, 1.3, 0.5, 1.3
#: The machine's own pace changes within a second: servers that are compared take turns shorter than that.
TURN_S = 0.25
#: Where the servers' core is busier than this, it is what limits the requests per second.
SATURATED = 0.95
_COLUMNS = (
    "method",
    "server",
    "requests/s",
    "CPU us/request",
    "of it Envoy",
    "CPU / echo",
    "core busy",
    "calls",
    "failed",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One server under load for one round, all its turns together."""

    method: str
    server: str
    requests_per_s: float
    cpu_us: float
    """CPU time of its processes per call, in microseconds."""
    envoy_us: float
    """Envoy's part of that; 0 where there is none."""
    busy: float
    """Share of one core that its processes used."""
    calls: int
    wrong: dict[str, int]


Round = dict[tuple[str, str], Sample]
"""One sample for each method and server; those under one method took short turns."""


def summarize(measured: Sequence[Round], counted: int, failures: Sequence[str], ask: Ask, one_core: bool) -> Section:
    """Makes table and bounds of all rounds; ``counted`` is how many calls the worker's metrics say it answered OK."""
    labels = list(dict.fromkeys(method for method, _ in measured[0] if method != REFUSED))
    found = [*failures, *_wrong(measured, counted)]
    least = {label: spread(_added(measured, label, BARE)).text(2) for label in labels}
    notes = [
        f"Closed loop, {ask.in_flight} calls in flight on {ask.connections} connections, {len(measured)} rounds of "
        f"{ask.seconds:g} s each, the servers under one method in turns of {TURN_S:g} s, for the machine's own pace "
        "changes; median (min-max) of all rounds, ratios within a round.",
        "Status and payload of every reply were checked; trailers were on; the worker's metrics counted the calls.",
        "CPU time is that of the servers' processes, user and system; the control plane, which no call passes, is left "
        "out. What Envoy adds is the difference between a worker behind it and a worker alone.",
        "What an Envoy that does nothing of ours adds, as a share of the echo: "
        + ", ".join(f"{label} {added}" for label, added in least.items())
        + ". Less is not to be had with Envoy on this machine.",
        f"The row '{APART}' has Envoy on the load generator's core, which is not full: it is woken for call after "
        "call and works on cold caches. In the other rows it shares the servers' core, gets what the worker leaves of "
        "it, and has several calls to do whenever it runs, as a gateway has that is busy: the bound is for that. "
        "Apart, Envoy adds: "
        + ", ".join(f"{label} {spread(_added(measured, label, APART)).text(2)}" for label in labels)
        + ".",
        "Refusal: the deadline is shorter than the device's run, so the worker refuses the call on arrival; the echo "
        "answers it.",
        f"Servers on one core, the load generator on {'the same' if one_core else 'another'}; where echo or worker use "
        f"{SATURATED:.0%} of their core or more they limit requests/s.",
    ]
    return Section(
        name="b1",
        table=Table(
            "B1: overhead on a tiny model", _COLUMNS, tuple(_row(measured, *key) for key in measured[0]), tuple(notes)
        ),
        bounds=(*(bound for label in labels for bound in _bounds(measured, label)), _refusal_bound(measured)),
        rounds=[[asdict(sample) for sample in one.values()] for one in measured],
        failures=tuple(found),
    )


def _wrong(measured: Sequence[Round], counted: int) -> list[str]:
    samples = [sample for one in measured for sample in one.values()]
    found = [f"{sample.method}, {sample.server}: {sample.wrong}" for sample in samples if sample.wrong]
    sent = sum(sample.calls for sample in samples if sample.server != ECHO and sample.method != REFUSED)
    if counted != sent:
        found.append(f"the worker's metrics counted {counted} calls, {sent} were made")
    return found


def _row(measured: Sequence[Round], method: str, server: str) -> tuple[str, ...]:
    samples = [one[method, server] for one in measured]
    return (
        method,
        server,
        spread(sample.requests_per_s for sample in samples).text(0),
        spread(sample.cpu_us for sample in samples).text(0),
        spread(sample.envoy_us for sample in samples).text(0) if samples[0].envoy_us else "",
        spread(one[method, server].cpu_us / one[method, ECHO].cpu_us for one in measured).text(2),
        f"{spread(sample.busy for sample in samples).median:.0%}",
        f"{sum(sample.calls for sample in samples):,}",
        str(sum(sum(sample.wrong.values()) for sample in samples)),
    )


def _bounds(measured: Sequence[Round], method: str) -> list[Bound]:
    worker = spread(_ratios(measured, method))
    return [
        Bound(f"{method}: CPU of a worker / echo", worker, WORKER_LIMIT, WORKER_AIM),
        Bound(f"{method}: CPU that Envoy adds / echo", spread(_added(measured, method, GATEWAY)), ENVOY_LIMIT),
    ]


def _refusal_bound(measured: Sequence[Round]) -> Bound:
    return Bound("CPU of a refusal / echo", spread(_ratios(measured, REFUSED)), REFUSAL_LIMIT)


def _ratios(measured: Sequence[Round], method: str) -> list[float]:
    """The worker's cost as a share of the echo's, in each round."""
    return [one[method, WORKER].cpu_us / one[method, ECHO].cpu_us for one in measured]


def _added(measured: Sequence[Round], method: str, server: str) -> list[float]:
    """What a server adds to the worker behind it, as a share of the echo, in each round."""
    return [(one[method, server].cpu_us - one[method, WORKER].cpu_us) / one[method, ECHO].cpu_us for one in measured]
