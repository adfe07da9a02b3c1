# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a control plane costs with more and more endpoints, Envoy behind it as in life."""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import grpc
from argosy.fleet.v1 import fleet_pb2, fleet_pb2_grpc

from bench import procs, servers
from bench.growth import Cost
from bench.procs import Server, ServerFailed
from bench.servers import HOST

SIZES = (1, 10, 50, 100, 200)
MODELS = 3
OF = "endpoints"
_SETTLE_S = 1.0
_CONVERGE_TIMEOUT_S = 60.0
_POLL_S = 0.05


def measure(rounds: int, progress: Callable[[str], None], sizes: Sequence[int] = SIZES) -> list[Cost]:
    """Starts a control plane before so many simulated workers, and changes each of them once."""
    known = Cost("control plane: exec until all workers are known", "s", OF, 2, judged=False)
    start = Cost("control plane: CPU until then", "s", OF, 2)
    change = Cost("control plane: CPU when every worker changes once in 2 s", "s", OF, 2, floor=0.01)
    envoy = Cost("Envoy: CPU for the same", "s", OF, 2, floor=0.01)
    idle = Cost("control plane: CPU in a second without a change", "ms", OF, floor=10)
    memory = Cost("control plane: memory", "MB", OF, 0)
    for number in range(rounds):
        for size in sizes:
            progress(f"round {number + 1} of {rounds}: {size} endpoints")
            with tempfile.TemporaryDirectory(prefix="argosy-bench-") as name:
                folder = Path(name)
                command = (sys.executable, "-m", "bench.crowd_server", str(size), str(MODELS))
                with procs.running("crowd", command, folder, None) as crowd:
                    addresses = [f"{HOST}:{port}" for port in crowd.wait_for("serving")["ports"]]
                    began = time.monotonic()
                    with servers.gateway_of(folder, addresses, None, None) as front:
                        _await_all(front.control_address, size)
                        known.add(size, time.monotonic() - began)
                        start.add(size, front.control_plane.cpu_seconds())
                        time.sleep(_SETTLE_S)
                        idle.add(size, 1e3 * _cpu_of(front.control_plane, lambda: time.sleep(1.0)))
                        (proxy,) = front.servers
                        before = proxy.cpu_seconds()
                        change.add(size, _cpu_of(front.control_plane, lambda: _change(crowd)))
                        envoy.add(size, proxy.cpu_seconds() - before)
                        memory.add(size, front.control_plane.memory_bytes() / 1e6)
    return [known, start, change, envoy, idle, memory]


def _await_all(address: str, size: int) -> None:
    """Waits until the control plane has reached every worker."""
    give_up = time.monotonic() + _CONVERGE_TIMEOUT_S
    with grpc.insecure_channel(address) as channel:
        stub = fleet_pb2_grpc.FleetServiceStub(channel)  # type: ignore[no-untyped-call]
        while True:
            workers = stub.ListWorkers(fleet_pb2.ListWorkersRequest(), timeout=10).workers
            if sum(worker.status == fleet_pb2.WORKER_STATUS_SERVING for worker in workers) == size:
                return
            if time.monotonic() > give_up:
                raise ServerFailed(f"the control plane does not reach all of {size} workers")
            time.sleep(_POLL_S)


def _change(crowd: Server) -> None:
    os.kill(crowd.pid, signal.SIGUSR1)
    crowd.wait_for("changed")
    time.sleep(_SETTLE_S)


def _cpu_of(server: Server, during: Callable[[], None]) -> float:
    before = server.cpu_seconds()
    during()
    return server.cpu_seconds() - before
