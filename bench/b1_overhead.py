# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""B1: what Argosy adds to a bare server, in CPU time per request, on a model that costs next to nothing."""

import math
import re
import tempfile
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

import grpc

from bench import load, methods, procs, servers, tiny_model
from bench.load import Caller, Load
from bench.methods import Method
from bench.procs import ServerFailed
from bench.report import Section, Table
from bench.servers import Endpoint
from bench.stats import Bound, spread

ECHO, WORKER, GATEWAY, UNNAMED = "echo", "worker", "worker + Envoy", "worker + Envoy, no x-model"
#: What an Envoy that does nothing of ours adds: less is not to be had with Envoy on the machine.
BARE = "worker + bare Envoy"
WORKER_LIMIT, WORKER_AIM, ENVOY_LIMIT = 1.6, 1.3, 0.5
WARM_UP_S = 1.0
#: Where the servers' core is busier than this, it is what limits the requests per second.
SATURATED = 0.95
#: On every answer of a worker, and on no answer of the bare server.
TRAILER = "argosy-model"
_NAMED = (("x-model", tiny_model.NAME),)
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
    """One server under load for one round."""

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


@dataclass(frozen=True, slots=True)
class Contender:
    """A server under one method."""

    method: Method
    server: str
    endpoint: Endpoint
    caller: Caller


Round = dict[tuple[str, str], Sample]
"""One sample for each method and server, measured one right after the other."""


async def run(rounds: int, level: Load, progress: Callable[[str], None]) -> Section:
    """Measures all servers in turn, ``rounds`` times.

    Raises:
        bench.procs.ServerFailed: a server did not start, or ended.
    """
    server_core, load_core = procs.cores()
    with tempfile.TemporaryDirectory(prefix="argosy-bench-") as name:
        async with AsyncExitStack() as stack:
            folder, model = Path(name), tiny_model.make()
            model.write(folder / "models")
            echo = stack.enter_context(servers.echo(folder, server_core))
            worker = stack.enter_context(servers.worker(folder, folder / "models", server_core))
            gateway = stack.enter_context(servers.gateway(folder, worker, server_core, load_core))
            bare = stack.enter_context(servers.bare_gateway(folder, worker, server_core))
            endpoints = {ECHO: echo, WORKER: worker, BARE: bare, GATEWAY: gateway, UNNAMED: gateway}
            stack.enter_context(procs.on_core(load_core))
            contenders = [
                Contender(method, label, endpoint, await _caller(stack, method, label, endpoint, level))
                for method in methods.all_methods(model)
                for label, endpoint in endpoints.items()
            ]
            failures = [failure for contender in contenders if (failure := await _warm_up(contender, level))]
            counted_before = _counted(worker.metrics_address)
            measured: list[Round] = []
            for number in range(1, rounds + 1):
                progress(f"round {number} of {rounds}")
                measured.append({(c.method.label, c.server): await _sample(c, level) for c in contenders})
            counted = _counted(worker.metrics_address) - counted_before
    return summarize(measured, counted, failures, level, one_core=server_core == load_core)


async def _caller(stack: AsyncExitStack, method: Method, label: str, endpoint: Endpoint, level: Load) -> Caller:
    channels = await load.connect(stack, endpoint.address, level.connections)
    # As our client does on every call; Envoy reads the name from the message where it is absent.
    metadata = () if label == UNNAMED else _NAMED
    return Caller(channels, method.path, method.request, method.check, metadata)


async def _warm_up(contender: Contender, level: Load) -> str:
    """Calls until code and connections are warm; returns what is wrong with the trailers.

    Raises:
        bench.procs.ServerFailed: the first call failed.
    """
    try:
        trailers = await contender.caller.once()
    except grpc.aio.AioRpcError as error:
        said = " | ".join(server.log_tail() for server in contender.endpoint.servers)
        raise ServerFailed(f"{contender.method.label}, {contender.server}: {error.code().name}; {said}") from error
    await contender.caller.drive(Load(level.connections, level.calls_per_connection, min(WARM_UP_S, level.seconds)))
    if (TRAILER in trailers) == (contender.server != ECHO):
        return ""
    return f"{contender.method.label}, {contender.server}: trailers are {sorted(trailers)}"


async def _sample(contender: Contender, level: Load) -> Sample:
    servers_before = _cpu_seconds(contender.endpoint)
    outcome = await contender.caller.drive(level)
    used_s = {name: after - servers_before[name] for name, after in _cpu_seconds(contender.endpoint).items()}
    total_s, calls = sum(used_s.values()), outcome.calls
    return Sample(
        method=contender.method.label,
        server=contender.server,
        requests_per_s=outcome.right / outcome.seconds,
        cpu_us=total_s / calls * 1e6 if calls else math.nan,
        envoy_us=sum(used_s.get(name, 0.0) for name in (servers.ENVOY, servers.BARE_ENVOY)) / calls * 1e6
        if calls
        else math.nan,
        busy=total_s / outcome.seconds,
        calls=calls,
        wrong=dict(outcome.wrong),
    )


def _cpu_seconds(endpoint: Endpoint) -> dict[str, float]:
    return {server.name: server.cpu_seconds() for server in endpoint.servers}


def summarize(measured: Sequence[Round], counted: int, failures: Sequence[str], level: Load, one_core: bool) -> Section:
    """Makes table and bounds of all rounds; ``counted`` is how many calls the worker's metrics say it answered OK."""
    labels = list(dict.fromkeys(method for method, _ in measured[0]))
    found = [*failures, *_wrong(measured, counted)]
    least = {label: spread(_added(measured, label, BARE)).text(2) for label in labels}
    notes = [
        f"Closed loop, {level.in_flight} calls in flight on {level.connections} connections, {len(measured)} rounds of "
        f"{level.seconds:g} s each; median (min-max) of all rounds, ratios within a round.",
        "Status and payload of every reply were checked; trailers were on; the worker's metrics counted the calls.",
        "CPU time is that of the servers' processes, user and system; the control plane, which no call passes, is left "
        "out. What Envoy adds is the difference between a worker behind it and a worker alone.",
        "What an Envoy that does nothing of ours adds, as a share of the echo: "
        + ", ".join(f"{label} {added}" for label, added in least.items())
        + ". Less is not to be had with Envoy on this machine.",
        f"Servers on one core, load generator on {'the same' if one_core else 'another'}; servers at "
        f"{SATURATED:.0%} of their core or more limit requests/s, below that the load generator does.",
    ]
    return Section(
        name="b1",
        table=Table(
            "B1: overhead on a tiny model", _COLUMNS, tuple(_row(measured, *key) for key in measured[0]), tuple(notes)
        ),
        bounds=tuple(bound for label in labels for bound in _bounds(measured, label)),
        rounds=[[asdict(sample) for sample in one.values()] for one in measured],
        failures=tuple(found),
    )


def _wrong(measured: Sequence[Round], counted: int) -> list[str]:
    samples = [sample for one in measured for sample in one.values()]
    found = [f"{sample.method}, {sample.server}: {sample.wrong}" for sample in samples if sample.wrong]
    sent = sum(sample.calls for sample in samples if sample.server != ECHO)
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
    worker = [one[method, WORKER].cpu_us / one[method, ECHO].cpu_us for one in measured]
    return [
        Bound(f"{method}: CPU of a worker / echo", spread(worker), WORKER_LIMIT, WORKER_AIM),
        Bound(f"{method}: CPU that Envoy adds / echo", spread(_added(measured, method, GATEWAY)), ENVOY_LIMIT),
    ]


def _added(measured: Sequence[Round], method: str, server: str) -> list[float]:
    """What a server adds to the worker behind it, as a share of the echo, in each round."""
    return [(one[method, server].cpu_us - one[method, WORKER].cpu_us) / one[method, ECHO].cpu_us for one in measured]


def _counted(metrics_address: str) -> int:
    """Calls on the tiny model that the worker's metrics say were answered OK."""
    with urllib.request.urlopen(f"http://{metrics_address}/metrics", timeout=10) as response:
        lines = response.read().decode().splitlines()
    values = re.compile(rf'argosy_requests_total{{(?=.*code="OK")(?=.*model="{tiny_model.NAME}").*}} (\S+)')
    return sum(int(float(match[1])) for line in lines if (match := values.match(line)))
