# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a worker costs with more and more models on it, of which one is called."""

import asyncio
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from bench import each_once, methods, servers, tiny_model
from bench.growth import Cost
from bench.procs import ServerFailed
from bench.servers import Worker

SIZES = (1, 10, 100)
OF = "models"
CALLS, IN_FLIGHT, CONNECTIONS = 3000, 32, 4


async def measure(rounds: int, progress: Callable[[str], None], sizes: Sequence[int] = SIZES) -> list[Cost]:
    """Starts a worker with so many copies of the tiny model and calls the first."""
    ready = Cost("worker: exec until all are READY", "s", OF, 2, judged=False)
    memory = Cost("worker: memory", "MB", OF, 0)
    call = Cost("worker: CPU of a call of one of them", "us", OF, 0)
    idle = Cost("worker: CPU in a second without calls", "ms", OF, floor=10)
    page = Cost("worker: a page of metrics", "ms", OF, judged=False)
    with tempfile.TemporaryDirectory(prefix="argosy-bench-") as name:
        folder = Path(name)
        for size in sizes:
            _write(folder / f"models{size}", size)
        for number in range(rounds):
            for size in sizes:
                progress(f"round {number + 1} of {rounds}: {size} models")
                began = time.monotonic()
                with servers.worker(folder, folder / f"models{size}", None, size) as worker:
                    ready.add(size, time.monotonic() - began)
                    (server,) = worker.servers
                    before = server.cpu_seconds()
                    await asyncio.sleep(2.0)
                    idle.add(size, (server.cpu_seconds() - before) / 2 * 1e3)
                    call.add(size, await _cpu_of_a_call(worker) * 1e6)
                    page.add(size, _page_s(worker) * 1e3)
                    memory.add(size, server.memory_bytes() / 1e6)
    return [ready, memory, call, idle, page]


def _write(repository: Path, size: int) -> None:
    """Writes the model and copies of it; methods have one default model alone."""
    model = tiny_model.make()
    model.write(repository)
    first = repository / tiny_model.NAME
    for number in range(1, size):
        version = repository / f"{tiny_model.NAME}{number}" / "1"
        version.mkdir(parents=True)
        (version / "model.onnx").write_bytes((first / "1/model.onnx").read_bytes())
        text = (first / "model.yaml").read_text("utf-8").replace("default_for: [Predict]\n", "")
        (version.parent / "model.yaml").write_text(text, "utf-8")


async def _cpu_of_a_call(worker: Worker) -> float:
    method = methods.v2_infer(tiny_model.make())
    metadata = (("x-model", tiny_model.NAME),)
    (server,) = worker.servers
    async with AsyncExitStack() as stack:
        channels = await each_once.connect(stack, worker.address, CONNECTIONS)
        for calls in (CALLS // 3, CALLS):  # the first ones warm up
            before = server.cpu_seconds()
            requests = [method.request] * calls
            outcome = await each_once.ask(
                channels, method.path, requests, lambda _, reply: method.check(reply), IN_FLIGHT, metadata
            )
            if outcome.wrong:
                raise ServerFailed(f"calls of one of many models: {dict(outcome.wrong)}")
        return (server.cpu_seconds() - before) / CALLS


def _page_s(worker: Worker) -> float:
    took = []
    for _ in range(5):
        began = time.monotonic()
        with urllib.request.urlopen(f"http://{worker.metrics_address}/metrics", timeout=30) as page:
            page.read()
        took.append(time.monotonic() - began)
    return min(took)
