# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The servers that are measured: the bare one, a worker, and a gateway (control plane and Envoy) in front of it."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from argosy_gateway.bootstrap import envoy_binary, envoy_command

from bench import bare_envoy, procs, tiny_model
from bench.procs import Server

HOST = "127.0.0.1"
ENVOY, BARE_ENVOY = "envoy", "bare Envoy"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address to call, and the processes whose CPU time its calls take."""

    address: str
    servers: tuple[Server, ...]


@dataclass(frozen=True, slots=True)
class Worker(Endpoint):
    """A worker with the tiny model."""

    metrics_address: str


@dataclass(frozen=True, slots=True)
class ControlledEndpoint(Endpoint):
    """A gateway, with its control plane and where that listens."""

    control_plane: Server
    control_address: str


@contextmanager
def echo(folder: Path, core: int) -> Iterator[Endpoint]:
    """Runs the bare server."""
    with procs.running("echo", (sys.executable, "-m", "bench.echo_server"), folder, core) as server:
        port = server.wait_for("serving")["port"]
        yield Endpoint(f"{HOST}:{port}", (server,))


@contextmanager
def worker(
    folder: Path, repository: Path, core: int | None, models: int = 1, *, domain: str = tiny_model.DOMAIN
) -> Iterator[Worker]:
    """Runs a worker on a domain's repository until so many models were READY, at its defaults but for the ports."""
    command = (sys.executable, "-m", "argosy_worker", domain, "--repository", str(repository))
    with procs.running("worker", (*command, "--port", "0", "--metrics-port", "0"), folder, core) as server:
        serving = server.wait_for("serving")
        server.wait_for("model ready", models)
        yield Worker(f"{HOST}:{serving['port']}", (server,), f"{HOST}:{serving['metrics_port']}")


@contextmanager
def gateway(
    folder: Path, behind: Worker, core: int | None, control_core: int | None, *, yields: bool = False
) -> Iterator[Endpoint]:
    """Runs Envoy with one event loop, and its control plane on another core, in front of a worker."""
    folder.mkdir(exist_ok=True)
    with gateway_of(folder, [behind.address], core, control_core, yields=yields) as front:
        yield Endpoint(front.address, (*behind.servers, *front.servers))


@contextmanager
def gateway_of(
    folder: Path, workers: Sequence[str], core: int | None, control_core: int | None, *, yields: bool = False
) -> Iterator[ControlledEndpoint]:
    """Runs Envoy with one event loop, and its control plane on another core, in front of workers."""
    document, bootstrap = folder / "fleet.yaml", folder / "envoy.json"
    entries = [{"domain": tiny_model.DOMAIN, "address": address} for address in workers]
    document.write_text(json.dumps({"workers": entries}), "utf-8")  # JSON is YAML
    port, admin_port = free_ports(2)
    control = [sys.executable, "-m", "argosy_gateway", "--port", "0", "--metrics-port", "0"]
    control += ["--fleet", str(document), "--gateway-address", f"{HOST}:{port}"]
    write = [sys.executable, "-m", "argosy_gateway.bootstrap", "--port", str(port), "--admin-port", str(admin_port)]
    envoy = envoy_command(envoy_binary(), bootstrap, 1)
    with procs.running("control plane", control, folder, control_core) as control_plane:
        address = f"{HOST}:{control_plane.wait_for('listening')['port']}"
        subprocess.run([*write, "--control-plane", address, "--output", str(bootstrap)], check=True)
        with procs.running(ENVOY, envoy, folder, core, yields=yields) as server:
            yield ControlledEndpoint(f"{HOST}:{port}", (server,), control_plane, address)


@contextmanager
def bare_gateway(folder: Path, behind: Worker, core: int | None, *, yields: bool = False) -> Iterator[Endpoint]:
    """Runs an Envoy without any feature, with one event loop, in front of a worker."""
    (port,) = free_ports(1)
    bootstrap = folder / "bare-envoy.json"
    bare_envoy.write(bootstrap, port, behind.address)
    with procs.running(BARE_ENVOY, envoy_command(envoy_binary(), bootstrap, 1), folder, core, yields=yields) as server:
        yield Endpoint(f"{HOST}:{port}", (*behind.servers, server))


def free_ports(count: int) -> list[int]:
    """Ports that nothing listens on; all are held while they are chosen, so that they differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]
