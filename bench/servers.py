# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The servers that are measured: the bare one, a worker, and a gateway (control plane and Envoy) in front of it."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from argosy_gateway.bootstrap import envoy_binary
from argosy_gateway.local import plan
from argosy_gateway.local.options import Options

from bench import procs, tiny_model
from bench.procs import Server

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address to call, and the processes whose CPU time its calls take."""

    address: str
    servers: tuple[Server, ...]


@dataclass(frozen=True, slots=True)
class Worker(Endpoint):
    """A worker with the tiny model."""

    metrics_address: str


@contextmanager
def echo(folder: Path, core: int) -> Iterator[Endpoint]:
    """Runs the bare server."""
    with procs.running("echo", (sys.executable, "-m", "bench.echo_server"), folder, core) as server:
        port = server.wait_for("serving")["port"]
        yield Endpoint(f"{HOST}:{port}", (server,))


@contextmanager
def worker(folder: Path, repository: Path, core: int) -> Iterator[Worker]:
    """Runs a worker on a repository with the tiny model, all settings at their defaults but the ports."""
    command = (sys.executable, "-m", "argosy_worker", tiny_model.DOMAIN, "--repository", str(repository))
    with procs.running("worker", (*command, "--port", "0", "--metrics-port", "0"), folder, core) as server:
        serving = server.wait_for("serving")
        server.wait_for("model ready")
        yield Worker(f"{HOST}:{serving['port']}", (server,), f"{HOST}:{serving['metrics_port']}")


@contextmanager
def gateway(folder: Path, behind: Worker, core: int, control_core: int) -> Iterator[Endpoint]:
    """Runs Envoy with one event loop, and its control plane on another core, in front of a worker."""
    document = folder / "fleet.yaml"
    entry = {"domain": tiny_model.DOMAIN, "address": behind.address}
    document.write_text(json.dumps({"workers": [entry]}), "utf-8")  # JSON is YAML
    control_port, port, admin_port = _free_ports()
    options = Options(fleet=document, port=port, admin_port=admin_port, control_port=control_port)
    bootstrap = folder / "envoy.json"
    subprocess.run(plan.bootstrap_command(options, bootstrap), check=True)
    envoy = plan.envoy(options, envoy_binary(), bootstrap, concurrency=1)
    with ExitStack() as stack:
        stack.enter_context(procs.running("control plane", plan.control_plane(options).command, folder, control_core))
        server = stack.enter_context(procs.running("envoy", envoy.command, folder, core))
        yield Endpoint(f"{HOST}:{port}", (*behind.servers, server))


def _free_ports() -> tuple[int, int, int]:
    """Free ports for the control plane, Envoy and Envoy's admin page; the one after the first is free as well."""
    while True:
        with ExitStack() as stack:
            sockets = [stack.enter_context(socket.socket()) for _ in range(4)]
            for bound in sockets[:3]:
                bound.bind((HOST, 0))
            first, port, admin_port = (bound.getsockname()[1] for bound in sockets[:3])
            try:
                sockets[3].bind((HOST, first + 1))
            except (OSError, OverflowError):
                continue
            return first, port, admin_port
