# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Servers with a simulated accelerator behind them."""

import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import generator, procs, servers, simulated
from bench.servers import HOST, Worker
from bench.simulated import Device


@dataclass(frozen=True, slots=True)
class SimulatedFleet:
    """Addresses of a gateway and of the worker behind it."""

    gateway: str
    worker: str
    metrics_address: str
    process: procs.Server
    """The worker's."""


@asynccontextmanager
async def fleet(device: Device, *, roams: bool = False) -> AsyncIterator[SimulatedFleet]:
    """Runs a worker with the device on one core, and a gateway in front of it on another, which is the caller's too.

    A worker that ``roams`` may use any core, as it may where nobody says otherwise.
    """
    server_core, load_core = procs.cores()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="argosy-bench-")))
        device.write(folder / "models")
        worker: Worker = stack.enter_context(servers.worker(folder, folder / "models", None if roams else server_core))
        gateway = stack.enter_context(servers.gateway(folder, worker, load_core, load_core))
        stack.enter_context(procs.on_core(load_core))
        await generator.answered(simulated.ask(gateway.address))
        yield SimulatedFleet(gateway.address, worker.address, worker.metrics_address, worker.servers[0])


@asynccontextmanager
async def fifo(device: Device, *, roams: bool = False) -> AsyncIterator[str]:
    """Runs the first-in-first-out baseline with the same device, on the same cores; yields its address."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="argosy-bench-")))
        numbers = (str(device.fixed_ms), str(device.item_ms), str(device.batch))
        command = (sys.executable, "-m", "bench.fifo_server", *numbers)
        server = stack.enter_context(procs.running("fifo", command, folder, None if roams else procs.cores()[0]))
        yield f"{HOST}:{server.wait_for('serving')['port']}"
