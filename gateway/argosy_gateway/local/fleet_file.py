# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a local fleet needs of the fleet document: the workers to start, where their models lie, and programs."""

from dataclasses import dataclass
from pathlib import Path

from argosy_gateway import document
from argosy_gateway.local.errors import CannotRun


@dataclass(frozen=True, slots=True)
class LocalWorker:
    """A worker to start here."""

    domain: str
    host: str
    port: int
    repository: Path
    metrics_port: int | None


@dataclass(frozen=True, slots=True)
class LocalProgram:
    """A program to start here once the fleet answers."""

    name: str
    host: str
    port: int
    command: tuple[str, ...]
    """As in the document."""


@dataclass(frozen=True, slots=True)
class LocalFleet:
    """What is to be started."""

    workers: tuple[LocalWorker, ...]
    programs: tuple[LocalProgram, ...] = ()


def read(path: Path) -> LocalFleet:
    """Reads the programs, and the workers that have a repository; the control plane finds the others.

    Raises:
        CannotRun: the document cannot be used, or starts no worker.
    """
    if not path.is_file():
        raise CannotRun(f"{path}: no such fleet document; run from the checkout, or name one with --fleet")
    try:
        read = document.load(path)
    except document.DocumentError as error:
        raise CannotRun(str(error)) from None
    workers = tuple(
        LocalWorker(entry.domain, *_split(entry.address), Path(entry.repository), _metrics_port(entry))
        for entry in read.workers
        if entry.repository is not None
    )
    if not workers:
        raise CannotRun(f"{path}: names no worker with a repository, so there is nothing to start")
    programs = (LocalProgram(each.name, *_split(each.address), tuple(each.command)) for each in read.programs)
    return LocalFleet(workers, tuple(programs))


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _metrics_port(entry: document.WorkerEntry) -> int | None:
    return _split(entry.metrics)[1] if entry.metrics else None
