# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls that come again to a worker that is still loading."""

import asyncio
import time
from pathlib import Path

import pytest
from argosy_worker.errors import DeadlineExpired, NotReady
from argosy_worker.lifecycle.manager import ModelManager
from argosy_worker.serving.patience import Patience

from tests.support.lifecycle import Script, add_scripted, managed

LOADING = NotReady("loading", retry_elsewhere=True)


def later(manager: ModelManager, patience: Patience, deadline: float | None = None) -> "asyncio.Task[int]":
    """Begins a call that finds the version of model m that answers."""

    async def serve() -> int:
        return manager.resolve("m", "", None).version

    return asyncio.create_task(patience.serve(serve, LOADING, deadline))


async def test_a_call_waits_until_its_model_is_loaded(tmp_path: Path) -> None:
    add_scripted(tmp_path, "m")
    async with managed(tmp_path, script := Script(), load=False) as manager:
        script.may_load.clear()
        waiting = later(manager, Patience(manager.board), time.monotonic() + 20)
        loading = asyncio.create_task(manager.load_all())
        async with asyncio.timeout(20):
            async for snapshot in manager.board.watch():
                if "m" in snapshot.models:
                    break
        assert not waiting.done()
        script.may_load.set()
        assert await waiting == 1
        await loading


async def test_a_call_that_waiting_does_not_help_is_refused(tmp_path: Path) -> None:
    (add_scripted(tmp_path, "m") / "1/broken").touch()
    async with managed(tmp_path, Script(), load=False) as manager:
        waiting = later(manager, Patience(manager.board))
        await manager.load_all()
        with pytest.raises(NotReady) as error:
            await waiting
        assert "is broken" in error.value.message


async def test_a_call_waits_neither_past_its_deadline_nor_in_a_worker_that_leaves(tmp_path: Path) -> None:
    async with managed(tmp_path, Script(), load=False) as manager:
        with pytest.raises(DeadlineExpired):
            await later(manager, Patience(manager.board), time.monotonic() + 0.01)
        waiting = later(manager, Patience(manager.board))
        manager.board.drain()
        with pytest.raises(NotReady):
            await waiting


async def test_no_more_calls_wait_than_may(tmp_path: Path) -> None:
    async with managed(tmp_path, Script(), load=False) as manager:
        patience = Patience(manager.board, most=1)
        waiting = later(manager, patience)
        await asyncio.sleep(0)  # lets it begin
        with pytest.raises(NotReady, match="loading"):
            await later(manager, patience)
        manager.board.drain()
        with pytest.raises(NotReady):
            await waiting
