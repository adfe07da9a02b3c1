# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A local fleet on ports that are free, beside whatever else runs here."""

import random
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

import yaml
from argosy_gateway.local.fleet import prepare, start
from argosy_gateway.local.options import Options
from argosy_gateway.local.supervisor import Supervisor

HOST = "127.0.0.1"


def free_ports(count: int) -> list[int]:
    """Returns ports that nothing listens on now."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]


def free_neighbours(count: int) -> int:
    """Returns the first of neighbouring ports that nothing listens on now: the control plane's and those after it.

    They are below those that the system gives to connections, which come and go.
    """
    while True:
        first = random.randrange(20_000, 32_000 - count)  # noqa: S311
        with ExitStack() as stack, suppress(OSError):
            for port in range(first, first + count):
                stack.enter_context(socket.socket()).bind((HOST, port))
            return first


def write_document(folder: Path, repositories: Mapping[str, Path]) -> Options:
    """Writes a fleet document with free ports into a new folder and returns the options of its fleet."""
    folder.mkdir(parents=True)
    port, admin_port, *others = free_ports(2 + 2 * len(repositories))
    addresses = [f"{HOST}:{other}" for other in others]
    workers = [
        {"domain": domain, "repository": str(repository), "address": addresses.pop(), "metrics": addresses.pop()}
        for domain, repository in repositories.items()
    ]
    document = folder / "fleet.yaml"
    document.write_text(yaml.safe_dump({"workers": workers}), "utf-8")
    return Options(document, HOST, port, admin_port, control_port=free_neighbours(3), run_folder=folder)


@asynccontextmanager
async def free_fleet(folder: Path, repositories: Mapping[str, Path]) -> AsyncIterator[str]:
    """Runs a worker for each domain behind a gateway, yields its address once every model is READY, stops all.

    ``repositories`` maps a domain to its model repository; ``folder`` takes the fleet document and the logs.

    Raises:
        argosy_gateway.local.errors.CannotRun: the fleet cannot start.
    """
    options = write_document(folder, repositories)
    prepared = prepare(options)
    async with Supervisor(options.logs, print) as supervisor:
        await start(prepared, supervisor, lambda models: None)
        yield options.gateway_address
