# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a local fleet needs of the fleet document: the workers to start and where their models lie."""

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


def read(path: Path) -> tuple[LocalWorker, ...]:
    """Reads the workers that have a repository; the others run elsewhere, and the control plane finds them.

    Raises:
        CannotRun: the document cannot be used, or starts no worker.
    """
    if not path.is_file():
        raise CannotRun(f"{path}: no such fleet document; run from the checkout, or name one with --fleet")
    try:
        entries = document.load(path).workers
    except document.DocumentError as error:
        raise CannotRun(str(error)) from None
    workers = tuple(
        LocalWorker(entry.domain, *_split(entry.address), Path(entry.repository), _metrics_port(entry))
        for entry in entries
        if entry.repository is not None
    )
    if not workers:
        raise CannotRun(f"{path}: names no worker with a repository, so there is nothing to start")
    return workers


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _metrics_port(entry: document.WorkerEntry) -> int | None:
    return _split(entry.metrics)[1] if entry.metrics else None
