# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Golden samples of models that are loaded: readiness follows what each instance answers."""

import json
from pathlib import Path

import pytest
from argosy_worker.errors import NotReady
from argosy_worker.lifecycle.examiner import Examiner
from argosy_worker.lifecycle.state import State

from tests.support.lifecycle import DOMAIN, Script, add_scripted, answer, managed, reason, states

GOLDEN = {
    "inputs": {"x": {"datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4]}},
    "outputs": {"y": {"datatype": "FP32", "shape": [1, 4], "data": [2, 4, 6, 8]}},
}
YAML = "golden: [{file: golden.json}]\nexecution: {instances: %d}\nversion_policy: {all: true}\n"


def add(repository: Path, name: str = "m", instances: int = 1, version: int = 1) -> None:
    folder = add_scripted(repository, name, YAML % instances, version=version)
    (folder / "golden.json").write_text(json.dumps(GOLDEN))


async def test_a_model_whose_answers_go_wrong_is_not_ready_until_they_are_right_again(tmp_path: Path) -> None:
    add(tmp_path)
    async with managed(tmp_path, script := Script()) as manager:
        examiner = Examiner(manager.keeper, DOMAIN)
        await examiner.examine_all()
        assert states(manager, "m") == {1: State.READY}
        script.factor["m/1"] = 3.0
        await examiner.examine_all()
        assert states(manager, "m") == {1: State.FAILED}
        assert "golden sample golden.json differs" in reason(manager, "m", 1)
        assert not manager.board.snapshot.models["m"].ready
        with pytest.raises(NotReady, match="golden"):
            await answer(manager, "m")
        del script.factor["m/1"]
        await examiner.examine_all()
        assert states(manager, "m") == {1: State.READY}
        assert await answer(manager, "m") == 2.0


async def test_the_version_before_answers_while_the_newest_fails(tmp_path: Path) -> None:
    add(tmp_path)
    add_scripted(tmp_path, "m", version=2)
    async with managed(tmp_path, script := Script()) as manager:
        script.factor["m/2"] = 3.0
        await Examiner(manager.keeper, DOMAIN).examine_all()
        assert states(manager, "m") == {2: State.FAILED, 1: State.READY}
        assert (await manager.obtain("m", "", None, None)).version == 1


async def test_a_golden_sample_of_other_versions_is_not_asked_of_this_one(tmp_path: Path) -> None:
    for version in (1, 2):
        folder = add_scripted(
            tmp_path, "m", YAML.replace("golden.json}", "golden.json, versions: [2]}") % 1, version=version
        )
        (folder / "golden.json").write_text(json.dumps(GOLDEN))
    async with managed(tmp_path, script := Script()) as manager:
        script.factor |= {"m/1": 3.0, "m/2": 3.0}
        await Examiner(manager.keeper, DOMAIN).examine_all()
        assert states(manager, "m") == {1: State.READY, 2: State.FAILED}


async def test_one_wrong_instance_of_several_is_found_and_named(tmp_path: Path) -> None:
    add(tmp_path, instances=3)
    async with managed(tmp_path, script := Script()) as manager:
        script.wrong_instance = 1
        await Examiner(manager.keeper, DOMAIN).examine_all()
        assert states(manager, "m") == {1: State.FAILED}
        assert reason(manager, "m", 1).startswith("instance 1 on script: golden sample")


async def test_an_instance_that_hangs_is_found_and_not_asked_again(tmp_path: Path) -> None:
    add(tmp_path)
    async with managed(tmp_path, script := Script()) as manager:
        examiner = Examiner(manager.keeper, DOMAIN, patience_s=0.05)
        script.may_run.clear()
        before = script.runs
        for _ in range(3):
            await examiner.examine_all()
        assert script.runs == before + 1
        assert states(manager, "m") == {1: State.FAILED}
        assert "more than 0.05 s" in reason(manager, "m", 1)
        script.may_run.set()
        while states(manager, "m") != {1: State.READY}:
            await examiner.examine_all()


async def test_examining_neither_queues_before_callers_nor_makes_a_model_recently_used(tmp_path: Path) -> None:
    add(tmp_path)
    async with managed(tmp_path, Script()) as manager:
        (served,) = manager.served()
        used, engine_s = served.usage.last, served.batcher.stats.engine_s
        await Examiner(manager.keeper, DOMAIN).examine_all()
        assert (served.usage.last, served.batcher.stats.engine_s) == (used, engine_s)
        assert not served.usage.busy


async def test_an_interval_of_0_examines_never(tmp_path: Path) -> None:
    add(tmp_path)
    async with managed(tmp_path, script := Script()) as manager:
        before = script.runs
        await Examiner(manager.keeper, DOMAIN).run(0)
        assert script.runs == before
