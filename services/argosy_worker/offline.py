# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Checking a model repository without serving it: exactly what a worker does before a model is READY."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from argosy_worker import domains
from argosy_worker.errors import ModelInvalid
from argosy_worker.lifecycle.loader import Loader
from argosy_worker.lifecycle.manager import ModelManager
from argosy_worker.lifecycle.state import ModelState, StateBoard
from argosy_worker.repository import scan

#: As in the worker's settings; where a run happens makes no difference to its result.
_INLINE_BELOW_S = 0.0005


def repositories(path: Path, domain: str | None) -> list[tuple[str, Path]]:
    """Finds the repositories at a path, each with its domain: the path itself, or the domains' folders in it.

    Raises:
        ModelInvalid: there is none, or its domain cannot be told.
    """
    if not path.is_dir():
        raise ModelInvalid(f"{path}: no such folder")
    if domain is not None:
        return [(domain, path)]
    if path.resolve().name in domains.NAMES:
        return [(path.resolve().name, path)]
    found = [(name, path / name) for name in domains.NAMES if (path / name).is_dir()]
    if not found:
        raise ModelInvalid(f"{path}: is named for no domain and holds no folder of one: say which with --domain")
    return found


async def check(domain: str, repository: Path) -> list[ModelState]:
    """Loads every model of a repository, runs its golden samples, and returns the states.

    Raises:
        ModelInvalid: unknown domain, missing libraries, or no model at all.
    """
    if not scan.names(repository):
        raise ModelInvalid(f"{repository}: holds no model (a folder with model.yaml or 1/model.onnx)")
    board = StateBoard()
    with ThreadPoolExecutor(1) as executor:
        manager = ModelManager(repository, Loader(domains.load(domain), executor, _INLINE_BELOW_S), board)
        try:
            await manager.load_all()
        finally:
            await manager.close()
    return list(board.snapshot.models.values())


def check_quietly(domain: str, repository: Path) -> list[ModelState]:
    """As :func:`check`, for a command that says itself what is wrong: nothing is logged."""
    with _quiet():
        return asyncio.run(check(domain, repository))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    log = logging.getLogger("argosy_worker")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)
