# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Real worker processes on free ports."""

import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import grpc
from argosy.fleet.v1 import model_pb2, worker_pb2, worker_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

START_SECONDS = 60.0


@dataclass
class WorkerProcess:
    """A worker that serves; ``log`` grows as it speaks."""

    process: "subprocess.Popen[str]"
    port: int
    metrics_port: int
    log: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where it serves gRPC."""
        return f"127.0.0.1:{self.port}"


@contextlib.contextmanager
def run_worker(
    domain: str,
    repository: Path,
    *options: str,
    port: int = 0,
    wait_for: Sequence[str] = ("",),
    environment: Mapping[str, str] | None = None,
) -> Iterator[WorkerProcess]:
    """Runs a worker and waits until every health service in ``wait_for`` is SERVING; stops it at the end."""
    command = [sys.executable, "-m", "argosy_worker", domain, "--repository", str(repository)]
    command += ["--port", str(port), "--metrics-port", "0", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    lines: Queue[str] = Queue()
    log: list[str] = []
    reader = threading.Thread(target=_read, args=(process, lines, log))
    reader.start()
    try:
        serving = _await_serving(process, lines, log)
        worker = WorkerProcess(process, serving["port"], serving["metrics_port"], log)
        for service in wait_for:
            await_health(worker.address, service)
        yield worker
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join()
        assert process.stderr is not None
        process.stderr.close()


def await_health(address: str, service: str, *, serving: bool = True, seconds: float = START_SECONDS) -> None:
    """Waits until a health service is SERVING, or no longer is."""
    with grpc.insecure_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        request = health_pb2.HealthCheckRequest(service=service)
        for answer in stub.Watch(request, timeout=seconds, wait_for_ready=True):
            if (answer.status == health_pb2.HealthCheckResponse.SERVING) is serving:
                return


def loaded_models(address: str, count: int = 2, seconds: float = START_SECONDS) -> "dict[str, model_pb2.WorkerModel]":
    """The models of a worker by name, once there are so many and none is being loaded."""
    with grpc.insecure_channel(address) as channel:
        stub = worker_pb2_grpc.WorkerServiceStub(channel)  # type: ignore[no-untyped-call]
        found: dict[str, model_pb2.WorkerModel] = {}
        for answer in stub.WatchState(worker_pb2.WatchStateRequest(), timeout=seconds, wait_for_ready=True):
            changed = [answer.model_changed] if answer.HasField("model_changed") else answer.snapshot.models
            found |= {model.description.name: model for model in changed}
            states = {version.state for model in found.values() for version in model.versions}
            if len(found) == count and model_pb2.MODEL_STATE_LOADING not in states:
                return found
    raise AssertionError("the worker closed the watch")


def _read(process: "subprocess.Popen[str]", lines: "Queue[str]", log: list[str]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        log.append(line)
        lines.put(line)
    lines.put("")


def _await_serving(process: "subprocess.Popen[str]", lines: "Queue[str]", log: list[str]) -> dict[str, int]:
    while True:
        try:
            line = lines.get(timeout=START_SECONDS)
        except Empty:
            raise AssertionError(f"the worker does not serve: {log}") from None
        if not line:
            raise AssertionError(f"the worker ended with {process.wait()}: {''.join(log)}")
        if line.startswith("{"):
            entry: dict[str, Any] = json.loads(line)
            if entry["message"] == "serving":
                return entry
