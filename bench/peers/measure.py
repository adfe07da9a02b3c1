# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Measures a server on B1 to B3: the tiny network, and the simulated engine saturated and overloaded."""

import asyncio
import tempfile
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from argosy import v2

from bench import generator, procs, servers, simulated, tiny_model
from bench.generator import Ask
from bench.peers import environments, http_load, tree
from bench.peers.environments import Peer, Start
from bench.peers.http_load import HttpAsk
from bench.procs import ServerFailed
from bench.servers import Endpoint
from bench.simulated import Device

TINY = "tiny"
B2_DEVICE, B3_DEVICE = Device(5, 0.25, 64), Device(10, 0.5, 32)
B1_IN_FLIGHT, B2_IN_FLIGHT = 64, 256
#: Of B3: offered load in multiples of the device's limit, and the deadline.
OVERLOAD, DEADLINE_S = 2.0, 0.080
WARM_UP_S = 2.0
_TRIES, _AGAIN_S = 90, 1.0
_PATH = f"/{v2.SERVICE}/ModelInfer"


@dataclass(slots=True)
class Figures:
    """One server's figures in one round."""

    server: str
    cpu_us: float
    """CPU time of a call of the tiny network, of all processes of the server, in microseconds."""
    tiny_per_s: float
    b2_share: float
    """Of the simulated device's limit."""
    b3_share: float
    """Answered in time, of the device's limit."""
    others: dict[str, dict[str, int]] = field(default_factory=dict)
    """Calls that were not answered right and in time, by measure."""


@dataclass(frozen=True, slots=True)
class Target:
    """A running server."""

    port: int
    http: bool
    cpu_seconds: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Load:
    """How hard to ask."""

    in_flight: int = 64
    rate: float = 0.0
    seconds: float = 1.0
    deadline_s: float = 30.0


async def measure(peer: Peer, programs: Path, seconds: float) -> Figures:
    """Measures a peer."""

    def start(model: str, device: Device) -> "AsyncIterator[Target]":
        return _peer(peer, programs, model, device)

    return await _figures(peer.name, asynccontextmanager(start), seconds)


async def measure_ours(seconds: float, gateway: bool) -> Figures:
    """Measures a worker, alone or behind the gateway."""

    def start(model: str, device: Device) -> "AsyncIterator[Target]":
        return _ours(model, device, gateway)

    return await _figures("argosy through Envoy" if gateway else "argosy", asynccontextmanager(start), seconds)


async def _figures(name: str, running: Any, seconds: float) -> Figures:
    """Measures a server that ``running(model, device)`` starts."""
    found = Figures(name, 0.0, 0.0, 0.0, 0.0)
    async with running(TINY, B2_DEVICE) as target:
        await _ask(target, TINY, Load(B1_IN_FLIGHT, seconds=WARM_UP_S))
        before = target.cpu_seconds()
        codes = await _ask(target, TINY, Load(B1_IN_FLIGHT, seconds=seconds))
        found.cpu_us = (target.cpu_seconds() - before) / max(codes.total(), 1) * 1e6
        found.tiny_per_s = _take(found, "B1", codes) / seconds
    async with running(simulated.NAME, B2_DEVICE) as target:
        await _ask(target, simulated.NAME, Load(B2_IN_FLIGHT, seconds=WARM_UP_S))
        codes = await _ask(target, simulated.NAME, Load(B2_IN_FLIGHT, seconds=seconds))
        found.b2_share = _take(found, "B2", codes) / seconds / B2_DEVICE.limit
    async with running(simulated.NAME, B3_DEVICE) as target:
        rate = OVERLOAD * B3_DEVICE.limit
        await _ask(target, simulated.NAME, Load(rate=B3_DEVICE.limit / 4, seconds=WARM_UP_S))
        codes = await _ask(target, simulated.NAME, Load(rate=rate, seconds=seconds, deadline_s=DEADLINE_S))
        found.b3_share = _take(found, "B3", codes) / seconds / B3_DEVICE.limit
    return found


def _take(found: Figures, measure: str, codes: "Counter[str]") -> int:
    found.others[measure] = {code: count for code, count in codes.items() if code != "OK"}
    return codes["OK"]


async def _peer(peer: Peer, programs: Path, model: str, device: Device) -> "AsyncIterator[Target]":
    token = uuid.uuid4().hex
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="argosy-peer-")))
        tiny_model.make().write(folder / "models")
        graph = folder / "models" / tiny_model.NAME / "1" / "model.onnx"
        (folder / "settings").mkdir()
        ports = servers.free_ports(3)
        batch = 64 if model == TINY else device.batch
        start = Start(programs, folder / "settings", (ports[0], ports[1], ports[2]), model, batch)
        numbers = f"{device.fixed_ms},{device.item_ms},{device.batch}"
        command = [*environments.variables(model, numbers, graph, token), *peer.command(start)]
        stack.callback(tree.end, token)
        stack.enter_context(procs.running(peer.name, command, folder, None))
        target = Target(ports[0], peer.http, lambda: tree.cpu_seconds(token))
        await _await(target, model)
        yield target


async def _ours(model: str, device: Device, gateway: bool) -> "AsyncIterator[Target]":
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="argosy-bench-")))
        if model == TINY:
            tiny_model.make().write(folder / "models")
        else:
            device.write(folder / "models")
        worker = stack.enter_context(servers.worker(folder, folder / "models", None))
        endpoint: Endpoint = worker
        if gateway:
            endpoint = stack.enter_context(servers.gateway(folder, worker, None, None))
        used = endpoint.servers
        port = int(endpoint.address.rpartition(":")[2])
        target = Target(port, False, lambda: sum(server.cpu_seconds() for server in used))
        await _await(target, model)
        yield target


async def _await(target: Target, model: str) -> None:
    """Waits until the server answers."""
    for _ in range(_TRIES):
        codes = await _ask(target, model, Load(1, seconds=0.05, deadline_s=5.0))
        if codes["OK"]:
            return
        await asyncio.sleep(_AGAIN_S)
    raise ServerFailed(f"does not answer: {dict(codes)}")


async def _ask(target: Target, model: str, load: Load) -> "Counter[str]":
    """Asks for a while; returns the calls by what became of them."""
    if target.http:
        expected = tiny_model.make().scores(tiny_model.row())[0]
        row = tiny_model.row()[0].tolist()
        if model == TINY:
            http = HttpAsk(target.port, lambda _: row, lambda _, reply: bool(np.allclose(reply, expected, atol=1e-4)))
        else:
            http = HttpAsk(target.port, _row, lambda number, reply: reply == _row(number))
        outcome = await http_load.drive(
            replace(http, in_flight=load.in_flight, rate=load.rate, seconds=load.seconds, deadline_s=load.deadline_s)
        )
        return outcome.codes
    ask, check = _tiny(target.port) if model == TINY else (simulated.ask(f"{servers.HOST}:{target.port}"), None)
    ask = replace(ask, in_flight=load.in_flight, rate=load.rate, seconds=load.seconds, deadline_s=load.deadline_s)
    return (await generator.drive(ask, check)).codes


def _row(number: int) -> list[float]:
    return [float(number), number + 0.5, -float(number), 1.0]


def _tiny(port: int) -> "tuple[Ask, Callable[[bytes], None]]":
    rows = tiny_model.row()
    expected = tiny_model.make().scores(rows)[0]
    request = v2.message("ModelInferRequest")(model_name=tiny_model.NAME)
    request.inputs.add(name=tiny_model.INPUT, datatype="FP32", shape=rows.shape)
    request.raw_input_contents.append(rows.tobytes())

    def check(reply: bytes) -> None:
        message = v2.message("ModelInferResponse").FromString(reply)
        raw = message.raw_output_contents
        values = np.frombuffer(raw[0], np.float32) if raw else np.array(message.outputs[0].contents.fp32_contents)
        if not np.allclose(values, expected, atol=1e-4):
            raise ValueError("other scores")

    metadata = (("x-model", tiny_model.NAME),)
    return Ask(f"{servers.HOST}:{port}", _PATH, request.SerializeToString(), metadata), check
