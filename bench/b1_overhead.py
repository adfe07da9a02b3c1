# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""B1: what Argosy adds to a bare server, in CPU time per request, on a model that costs next to nothing."""

import math
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

import grpc

from bench import generator, methods, procs, refusal, scrape, servers, tiny_model
from bench.b1_report import APART, BARE, ECHO, GATEWAY, REFUSED, TURN_S, UNNAMED, WORKER, Round, Sample, summarize
from bench.generator import Ask
from bench.methods import Method
from bench.procs import ServerFailed
from bench.report import Section
from bench.servers import Endpoint

IN_FLIGHT = 256
WARM_UP_S = 1.0
FIRST_CALL_S = 30.0
#: On every answer of a worker, and on no answer of the bare server.
TRAILER = "argosy-model"
_NAMED = (("x-model", tiny_model.NAME),)


@dataclass(frozen=True, slots=True)
class Contender:
    """A server under one method."""

    label: str
    server: str
    endpoint: Endpoint
    ask: Ask
    check: Callable[[bytes], None] | None
    """None where no call is to be answered."""


@dataclass(slots=True)
class Tally:
    """What a contender did and used in all its turns of one round."""

    seconds: float = 0.0
    codes: Counter[str] = field(default_factory=Counter)
    used_s: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    """CPU time by process."""

    async def take_turn(self, contender: Contender, seconds: float) -> None:
        """Puts the contender under load once more."""
        before = _cpu_seconds(contender.endpoint)
        outcome = await generator.drive(generator.lasting(contender.ask, seconds), contender.check)
        for name, after in _cpu_seconds(contender.endpoint).items():
            self.used_s[name] += after - before[name]
        self.seconds += outcome.seconds
        self.codes += outcome.codes


async def run(rounds: int, seconds: float, progress: Callable[[str], None], in_flight: int = IN_FLIGHT) -> Section:
    """Measures all servers for ``seconds`` each, ``rounds`` times; those under one method in short turns.

    Raises:
        bench.procs.ServerFailed: a server did not start, or ended.
    """
    generator.build()
    server_core, load_core = procs.cores()
    with tempfile.TemporaryDirectory(prefix="argosy-bench-") as name, ExitStack() as stack:
        folder, model = Path(name), tiny_model.make()
        model.write(folder / "models")
        echo = stack.enter_context(servers.echo(folder, server_core))
        worker = stack.enter_context(servers.worker(folder, folder / "models", server_core))
        gateway = stack.enter_context(servers.gateway(folder, worker, server_core, load_core, yields=True))
        bare = stack.enter_context(servers.bare_gateway(folder, worker, server_core, yields=True))
        apart = stack.enter_context(servers.gateway(folder / "apart", worker, load_core, load_core))
        slow = stack.enter_context(refusal.worker(folder / "slow", server_core))
        stack.enter_context(procs.on_core(load_core))
        ends = {ECHO: echo, WORKER: worker, BARE: bare, GATEWAY: gateway, UNNAMED: gateway, APART: apart}
        contenders = [
            _contender(method, label, endpoint, seconds, in_flight)
            for method in methods.all_methods(model)
            for label, endpoint in ends.items()
        ]
        failures = [failure for contender in contenders if (failure := _first_call(contender))]
        for server, endpoint in {ECHO: echo, WORKER: slow}.items():
            ask = replace(refusal.ask(endpoint.address), in_flight=in_flight, seconds=seconds)
            contenders.append(Contender(REFUSED, server, endpoint, ask, None))
        for contender in contenders:
            await generator.drive(generator.lasting(contender.ask, min(WARM_UP_S, seconds)), contender.check)
        counted_before = _counted(worker.metrics_address)
        measured: list[Round] = []
        for number in range(1, rounds + 1):
            progress(f"round {number} of {rounds}")
            measured.append(await _round(contenders, seconds))
        counted = _counted(worker.metrics_address) - counted_before
    return summarize(measured, counted, failures, contenders[0].ask, one_core=server_core == load_core)


def _contender(method: Method, server: str, endpoint: Endpoint, seconds: float, in_flight: int) -> Contender:
    # As our client does on every call; Envoy reads the name from the message where it is absent.
    metadata = () if server == UNNAMED else _NAMED
    ask = Ask(endpoint.address, method.path, method.request, metadata, in_flight=in_flight, seconds=seconds)
    return Contender(method.label, server, endpoint, ask, method.check)


def _first_call(contender: Contender) -> str:
    """Calls once; returns what is wrong with the trailers.

    Raises:
        bench.procs.ServerFailed: the call failed.
    """
    ask = contender.ask
    with grpc.insecure_channel(ask.address) as channel:
        method = channel.unary_unary(ask.path)
        try:
            _, call = method.with_call(ask.request, metadata=ask.metadata, wait_for_ready=True, timeout=FIRST_CALL_S)
        except grpc.RpcError as error:
            said = " | ".join(server.log_tail() for server in contender.endpoint.servers)
            raise ServerFailed(f"{contender.label}, {contender.server}: {error}; {said}") from error
        trailers = [key for key, _ in call.trailing_metadata() or ()]
    if (TRAILER in trailers) == (contender.server != ECHO):
        return ""
    return f"{contender.label}, {contender.server}: trailers are {sorted(trailers)}"


async def _round(contenders: Sequence[Contender], seconds: float) -> Round:
    turns = max(1, round(seconds / TURN_S))
    found: Round = {}
    for _, group in groupby(contenders, key=lambda contender: contender.label):
        tallies = [(contender, Tally()) for contender in group]
        for _ in range(turns):
            for contender, tally in tallies:
                await tally.take_turn(contender, seconds / turns)
        found |= {(contender.label, contender.server): _sample(contender, tally) for contender, tally in tallies}
    return found


def _sample(contender: Contender, tally: Tally) -> Sample:
    calls, used_s = tally.codes.total(), sum(tally.used_s.values())
    envoy_s = tally.used_s.get(servers.ENVOY, 0.0) + tally.used_s.get(servers.BARE_ENVOY, 0.0)
    per_call_us = 1e6 / calls if calls else math.nan
    return Sample(
        method=contender.label,
        server=contender.server,
        requests_per_s=calls / tally.seconds,
        cpu_us=used_s * per_call_us,
        envoy_us=envoy_s * per_call_us,
        busy=(used_s - envoy_s) / tally.seconds,
        calls=calls,
        wrong=_wrong(contender, tally.codes),
    )


def _wrong(contender: Contender, codes: Mapping[str, int]) -> dict[str, int]:
    right = {"OK"} if contender.check is not None or contender.server == ECHO else refusal.EXPECTED
    return {code: count for code, count in codes.items() if code not in right}


def _cpu_seconds(endpoint: Endpoint) -> Mapping[str, float]:
    return {server.name: server.cpu_seconds() for server in endpoint.servers}


def _counted(metrics_address: str) -> int:
    """Calls on the tiny model that the worker's metrics say were answered OK."""
    totals = scrape.totals(metrics_address, "model", "code")
    return sum(
        int(value)
        for name, value in totals.items()
        if name.startswith("argosy_requests_total/") and set(name.split("/")[1:]) == {tiny_model.NAME, "OK"}
    )
