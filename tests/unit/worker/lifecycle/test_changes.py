# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Models that come, change and go while the worker serves."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from argosy_worker.errors import ModelNotFound, NotReady
from argosy_worker.lifecycle import follower
from argosy_worker.lifecycle.follower import Follower
from argosy_worker.lifecycle.manager import ModelManager
from argosy_worker.lifecycle.state import State
from argosy_worker.repository.files import ModelFiles

from tests.support.lifecycle import LIVE_FILE, Script, add_scripted, answer, managed, reason, states, until


async def test_a_new_version_takes_over_and_calls_in_progress_finish_on_the_old(tmp_path: Path) -> None:
    add_scripted(tmp_path, "m")
    async with managed(tmp_path, script := Script({"m/1": 10.0, "m/2": 20.0})) as manager:
        script.may_run.clear()
        early = asyncio.create_task(answer(manager, "m"))
        await asyncio.sleep(0)  # lets it find the old version
        add_scripted(tmp_path, "m", version=2)
        taking_up = asyncio.create_task(manager.reconcile("m"))
        script.may_run.set()
        await taking_up
        assert (await early, await answer(manager, "m")) == (10.0, 20.0)
        await until(manager, lambda: states(manager, "m") == {2: State.READY})
        assert "m/1" in script.closed


async def test_a_call_that_has_not_reached_the_engine_finishes_on_the_version_it_found(tmp_path: Path) -> None:
    add_scripted(tmp_path, "m")
    async with managed(tmp_path, Script({"m/1": 10.0})) as manager:
        served = await manager.obtain("m", "", None, None)
        served.usage.enter()  # as the edge does; the call now decodes its payload
        await manager.unload("m")
        assert states(manager, "m") == {1: State.DRAINING}
        with pytest.raises(NotReady) as error:
            await answer(manager, "m")
        assert error.value.retry_elsewhere
        served.usage.hold()
        served.usage.release()
        assert not served.batcher.waiting
        served.usage.leave()
        await until(manager, lambda: states(manager, "m") == {1: State.UNLOADED})


async def test_a_new_version_that_fails_leaves_the_old_one_answering_and_says_why(tmp_path: Path) -> None:
    add_scripted(tmp_path, "m")
    async with managed(tmp_path, script := Script({"m/1": 10.0})) as manager:
        (add_scripted(tmp_path, "m", version=2) / "2/broken").touch()
        await manager.reconcile("m")
        assert states(manager, "m") == {2: State.FAILED, 1: State.READY}
        assert "is broken" in reason(manager, "m", 2)
        assert await answer(manager, "m") == 10.0
        loads = len(script.loads)
        await manager.reconcile("m")
        assert len(script.loads) == loads, "the same files again are not worth another try"
        (tmp_path / "m/2/broken").unlink()
        await manager.reconcile("m")
        await until(manager, lambda: states(manager, "m") == {2: State.READY})


@pytest.mark.parametrize("change", ["version", "configuration"])
async def test_changed_files_that_cannot_be_loaded_leave_what_was_loaded_and_say_why(
    tmp_path: Path, change: str
) -> None:
    folder = add_scripted(tmp_path, "m")
    async with managed(tmp_path, Script()) as manager:
        if change == "version":
            (folder / "1/broken").touch()
        else:
            (folder / "model.yaml").write_text("methds: []\n")
        await manager.reconcile("m")
        assert states(manager, "m") == {1: State.READY}
        assert ("is broken" if change == "version" else "methds: unknown key") in reason(manager, "m", 1)
        assert await answer(manager, "m") == 2.0
        (folder / ("1/broken" if change == "version" else "model.yaml")).unlink()
        await manager.reconcile("m")
        assert (states(manager, "m"), reason(manager, "m", 1)) == ({1: State.READY}, "")


async def test_files_that_change_while_they_are_loaded_are_not_served(tmp_path: Path) -> None:
    folder = add_scripted(tmp_path, "m")
    async with managed(tmp_path, script := Script(), load=False) as manager:
        script.may_load.clear()
        loading = asyncio.create_task(manager.reconcile("m"))
        while not script.loads:
            await asyncio.sleep(0.01)
        (folder / "1/weights").write_text("more")
        script.may_load.set()
        await loading
        assert "changed while it was being loaded" in reason(manager, "m", 1)
        await manager.reconcile("m")
        assert states(manager, "m") == {1: State.READY}


async def test_a_model_is_unloaded_and_loaded_as_the_control_plane_wants(tmp_path: Path) -> None:
    add_scripted(tmp_path, "m")
    async with managed(tmp_path, script := Script()) as manager:
        manager.apply_desired(1, {"m": {"stable": 1}}, ["m", "unknown"])
        await until(manager, lambda: states(manager, "m") == {1: State.UNLOADED})
        assert script.closed == ["m/1"]
        with pytest.raises(NotReady, match="unloaded by request"):
            await answer(manager, "m")
        await manager.reconcile("m")
        assert states(manager, "m") == {1: State.UNLOADED}, "a change of its files does not bring it back"
        manager.apply_desired(1, {"m": {"stable": 1}})
        await until(manager, lambda: states(manager, "m") == {1: State.READY})
        assert await answer(manager, "m", "stable") == 2.0


async def test_a_model_that_is_not_wanted_at_the_start_is_not_loaded(tmp_path: Path) -> None:
    add_scripted(tmp_path, "m")
    async with managed(tmp_path, script := Script(), load=False) as manager:
        manager.apply_desired(1, {}, ["m"])
        await manager.load_all()
        assert states(manager, "m") == {0: State.UNLOADED}
        assert not script.loads


async def test_a_version_whose_files_changed_serves_throughout_and_the_old_one_is_freed(tmp_path: Path) -> None:
    folder = add_scripted(tmp_path, "m")
    async with managed(tmp_path, script := Script()) as manager:
        script.may_load.clear()
        (folder / "1/weights").write_text("more")
        reloading = asyncio.create_task(manager.reconcile("m"))
        while len(script.loads) < 2:
            assert await answer(manager, "m") == 2.0
        script.factor["m/1"] = 5.0
        script.may_load.set()
        await reloading
        assert await answer(manager, "m") == 5.0
        await until(manager, lambda: script.closed == ["m/1"])


async def test_a_default_that_is_free_again_is_taken(tmp_path: Path) -> None:
    yaml = "methods: [Predict]\ndefault_for: [Predict]\n"
    add_scripted(tmp_path, "a", yaml)
    add_scripted(tmp_path, "b", yaml)
    async with managed(tmp_path, Script(), load=False) as manager, following(manager, tmp_path):
        await until(manager, lambda: states(manager, "b") == {0: State.FAILED})
        shutil.rmtree(tmp_path / "a")
        await until(manager, lambda: states(manager, "b") == {1: State.READY})
        assert manager.default_model("Predict") == "b"


async def test_what_comes_changes_and_goes_in_the_repository_is_taken_up(tmp_path: Path) -> None:
    repository = tmp_path / "models"
    repository.mkdir()
    add_scripted(repository, "first")
    async with managed(repository, script := Script(), load=False) as manager, following(manager, repository):
        await until(manager, lambda: states(manager, "first") == {1: State.READY})
        add_scripted(repository, "second")
        await until(manager, lambda: states(manager, "second") == {1: State.READY})
        add_scripted(repository, "second", version=2)
        await until(manager, lambda: states(manager, "second") == {2: State.READY})
        shutil.rmtree(repository / "first")
        await until(manager, lambda: not states(manager, "first"))
        with pytest.raises(ModelNotFound):
            await answer(manager, "first")
        shutil.rmtree(repository / "second/1")
        shutil.rmtree(repository / "second/2")
        (repository / "second/model.yaml").write_text("")
        await until(manager, lambda: states(manager, "second") == {0: State.FAILED})
        assert sorted(script.loads) == ["first/1", "second/1", "second/2"]


async def test_a_repository_that_is_away_unloads_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked, look = 0, follower._found

    def counted(folder: Path) -> dict[str, ModelFiles]:
        nonlocal looked
        looked += 1
        return look(folder)

    monkeypatch.setattr(follower, "_found", counted)
    repository = tmp_path / "models"
    add_scripted(repository, "m")
    async with managed(repository, script := Script(), load=False) as manager, following(manager, repository):
        await until(manager, lambda: states(manager, "m") == {1: State.READY})
        repository.rename(tmp_path / "away")
        before = looked
        async with asyncio.timeout(20):
            while looked < before + 5:  # one look would see it, a second take it for settled
                await asyncio.sleep(0.01)
        assert await answer(manager, "m") == 2.0
        (tmp_path / "away").rename(repository)
        add_scripted(repository, "another")
        await until(manager, lambda: states(manager, "another") == {1: State.READY})
        assert script.loads.count("m/1") == 1


@asynccontextmanager
async def following(manager: ModelManager, repository: Path) -> AsyncIterator[None]:
    task = asyncio.create_task(Follower(manager, repository, poll_s=0.02, settle_s=0.02).run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_live_file_is_taken_up_without_loading_the_model_again(tmp_path: Path) -> None:
    live = add_scripted(tmp_path, "m") / LIVE_FILE
    live.write_text("first")
    async with managed(tmp_path, script := Script()) as manager:
        served = await manager.obtain("m", "", None, None)
        assert served.codec == "first"
        live.write_text("second, longer")
        await manager.reconcile("m")
        assert served.codec == "second, longer", "the version that serves has the new file"
        assert await manager.obtain("m", "", None, None) is served
        assert (script.loads, script.closed) == (["m/1"], [])


async def test_a_live_file_that_is_no_good_is_refused_and_the_old_one_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    live = add_scripted(tmp_path, "m") / LIVE_FILE
    live.write_text("first")
    async with managed(tmp_path, Script()) as manager:
        served = await manager.obtain("m", "", None, None)
        live.write_text("refused")
        await manager.reconcile("m")
        await manager.reconcile("m")
        assert (served.codec, states(manager, "m")) == ("first", {1: State.READY})
        assert "what was loaded before answers: this file is no good" in reason(manager, "m", 1)
        refused = [record for record in caplog.records if record.message == "new files refused"]
        assert len(refused) == 1, "the same file again is not worth another try"
        live.write_text("the third")  # of a size of its own: it may well be written in the first one's moment
        await manager.reconcile("m")
        assert (served.codec, reason(manager, "m", 1)) == ("the third", "")


async def test_a_live_file_with_which_golden_samples_fail_is_refused(tmp_path: Path) -> None:
    yaml = "methods: [Predict]\ngolden: [{file: golden.json}]\n"
    folder = add_scripted(tmp_path, "m", yaml)
    (folder / "golden.json").write_text(
        '{"inputs": {"x": {"datatype": "FP32", "shape": [1, 4], "data": [1, 1, 1, 1]}},'
        ' "outputs": {"y": {"datatype": "FP32", "shape": [1, 4], "data": [2, 2, 2, 2]}}}'
    )
    async with managed(tmp_path, script := Script()) as manager:
        served = await manager.obtain("m", "", None, None)
        script.factor["m/1"] = 3.0  # as if the answers depended on the file
        (folder / LIVE_FILE).write_text("new")
        await manager.reconcile("m")
        assert served.codec == ""
        assert "golden.json differs" in reason(manager, "m", 1)


async def test_a_live_file_that_changes_while_its_model_is_put_aside_is_read_when_it_is_back(tmp_path: Path) -> None:
    live = add_scripted(tmp_path, "a") / LIVE_FILE
    live.write_text("first")
    add_scripted(tmp_path, "b")
    sizes = {"a/1": 600, "b/1": 600}
    async with managed(tmp_path, Script(memory_bytes=sizes), memory_limit_bytes=1000) as manager:
        assert states(manager, "a") == {1: State.EVICTED}
        live.write_text("second")
        await manager.reconcile("a")
        assert states(manager, "a") == {1: State.EVICTED}
        assert (await manager.obtain("a", "", None, None)).codec == "second"
