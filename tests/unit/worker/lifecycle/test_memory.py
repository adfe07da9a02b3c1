# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Models that share a limit of memory: what is not used makes room and comes back when it is called."""

import asyncio
import time
from pathlib import Path

import pytest
from argosy_worker.errors import DeadlineExpired, NotReady
from argosy_worker.lifecycle.state import State

from tests.support.lifecycle import Script, add_scripted, answer, managed, reason, states, until

MB = 1_000_000


def script(**memory_mb: int) -> Script:
    return Script(memory_bytes={f"{name}/1": size * MB for name, size in memory_mb.items()})


async def test_the_least_recently_used_model_makes_room_and_comes_back_when_called(tmp_path: Path) -> None:
    for name in "abc":
        add_scripted(tmp_path, name)
    async with managed(tmp_path, script(a=40, b=40, c=40), 100 * MB) as manager:
        assert [states(manager, name)[1] for name in "abc"] == [State.EVICTED, State.READY, State.READY]
        assert manager.board.snapshot.models["a"].ready, "calls may be routed here"
        await answer(manager, "b")
        assert await answer(manager, "a") == 2.0
        assert [states(manager, name)[1] for name in "abc"] == [State.READY, State.READY, State.EVICTED]


async def test_memory_shows_for_each_version_and_counts_every_instance(tmp_path: Path) -> None:
    add_scripted(tmp_path, "a", "execution: {instances: 3}\n")
    async with managed(tmp_path, script(a=10)) as manager:
        assert manager.board.snapshot.models["a"].versions[0].memory_bytes == 30 * MB


async def test_calls_that_come_together_share_one_load(tmp_path: Path) -> None:
    for name in "ab":
        add_scripted(tmp_path, name)
    async with managed(tmp_path, told := script(a=60, b=60), 100 * MB) as manager:
        told.loads.clear()
        assert await asyncio.gather(*(answer(manager, "a") for _ in range(20))) == [2.0] * 20
        assert told.loads == ["a/1"]


async def test_a_call_waits_for_the_load_no_longer_than_its_deadline(tmp_path: Path) -> None:
    for name in "ab":
        add_scripted(tmp_path, name)
    async with managed(tmp_path, told := script(a=60, b=60), 100 * MB) as manager:
        told.may_load.clear()
        patient = asyncio.create_task(answer(manager, "a"))
        with pytest.raises(DeadlineExpired, match="being loaded"):
            await answer(manager, "a", deadline=time.monotonic() + 0.05)
        told.may_load.set()
        assert await patient == 2.0, "another's deadline does not end the load"


async def test_a_call_that_is_cancelled_leaves_the_load_to_the_others(tmp_path: Path) -> None:
    for name in "ab":
        add_scripted(tmp_path, name)
    async with managed(tmp_path, told := script(a=60, b=60), 100 * MB) as manager:
        told.may_load.clear()
        first, second = (asyncio.create_task(answer(manager, "a")) for _ in range(2))
        await asyncio.sleep(0.02)
        first.cancel()
        told.may_load.set()
        assert await second == 2.0


async def test_a_model_that_can_never_fit_is_refused_with_numbers_and_evicts_nobody(tmp_path: Path) -> None:
    add_scripted(tmp_path, "a")
    add_scripted(tmp_path, "b")
    async with managed(tmp_path, told := script(a=60, b=120), 100 * MB) as manager:
        assert states(manager, "b") == {1: State.FAILED}
        assert reason(manager, "b", 1) == "needs 120.0 MB of memory, the worker's memory_limit_mb allows 100.0 MB"
        assert states(manager, "a") == {1: State.READY}
        assert told.closed == ["b/1"]


async def test_a_file_that_is_larger_than_the_limit_is_not_even_loaded(tmp_path: Path) -> None:
    folder = add_scripted(tmp_path, "a")
    (folder / "1/weights").write_bytes(bytes(2 * MB))
    async with managed(tmp_path, told := Script(), MB) as manager:
        assert "needs 2.0 MB" in reason(manager, "a", 1)
        assert not told.loads


async def test_a_model_in_use_is_put_aside_last_and_its_calls_finish(tmp_path: Path) -> None:
    for name in "ab":
        add_scripted(tmp_path, name)
    async with managed(tmp_path, told := script(a=40, b=40, c=40), 100 * MB) as manager:
        served = await manager.obtain("a", "", None, None)
        served.usage.enter()
        await answer(manager, "b")  # used later than a, and idle
        add_scripted(tmp_path, "c")
        await manager.reconcile("c")
        assert [states(manager, name)[1] for name in "abc"] == [State.READY, State.EVICTED, State.READY]
        assert told.closed == ["b/1"]
        served.usage.leave()


async def test_a_new_copy_that_does_not_fit_beside_the_old_one_leaves_the_old_one(tmp_path: Path) -> None:
    folder = add_scripted(tmp_path, "a")
    async with managed(tmp_path, script(a=60), 100 * MB) as manager:
        (folder / "1/weights").write_text("more")
        await manager.reconcile("a")
        assert states(manager, "a") == {1: State.READY}
        assert "needs 60.0 MB of memory beside 60.0 MB that are in use" in reason(manager, "a", 1)
        assert await answer(manager, "a") == 2.0


async def test_a_model_that_cannot_come_back_says_why(tmp_path: Path) -> None:
    for name in "ab":
        add_scripted(tmp_path, name)
    async with managed(tmp_path, script(a=60, b=60), 100 * MB) as manager:
        (tmp_path / "a/1/broken").touch()
        with pytest.raises(NotReady, match="is broken"):
            await answer(manager, "a")
        assert states(manager, "a") == {1: State.FAILED}


async def test_calls_of_more_models_than_fit_at_a_time_are_all_answered(tmp_path: Path) -> None:
    names = "abcd"
    for name in names:
        add_scripted(tmp_path, name)
    async with managed(tmp_path, told := script(**dict.fromkeys(names, 40)), 100 * MB) as manager:
        answers = await asyncio.gather(*(answer(manager, name) for _ in range(5) for name in names))
        assert answers == [2.0] * 20
        await until(manager, lambda: sum(states(manager, name)[1] is State.READY for name in names) <= 2)
        assert len(told.loads) - len(told.closed) <= 2
