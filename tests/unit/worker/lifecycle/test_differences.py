# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How far one version's answers are from another's."""

import asyncio
import threading
from pathlib import Path

import numpy as np
import pytest
from argosy_worker.engines.port import Tensors
from argosy_worker.lifecycle.call import ActiveCall
from argosy_worker.lifecycle.differences import Differences, difference
from argosy_worker.lifecycle.usage import Usage
from argosy_worker.scheduling.work import SHADOW_PRIORITY, SHADOW_TENANT, Result, Terms

from tests.support.lifecycle import Script, add_scripted, managed
from tests.support.waiting import until

COPY = Terms(None, SHADOW_TENANT, SHADOW_PRIORITY)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"y": np.array([1.0, 2.0])}, {"y": np.array([1.0, 2.5])}, 0.5),
        ({"y": np.array([1], np.uint8)}, {"y": np.array([3], np.uint8)}, 2.0),
        ({"y": np.array([np.nan, np.inf])}, {"y": np.array([np.nan, np.inf])}, 0.0),
        ({"y": np.array([np.nan])}, {"y": np.array([1.0])}, np.inf),
        ({"y": np.array([np.inf])}, {"y": np.array([-np.inf])}, np.inf),
        ({"y": np.zeros((2, 1))}, {"y": np.zeros((1, 2))}, np.inf),
        ({"y": np.zeros(0)}, {"y": np.zeros(0)}, 0.0),
        ({"y": np.array([b"a"], object)}, {"y": np.array([b"a"], object)}, 0.0),
        ({"y": np.array([b"a"], object)}, {"y": np.array([b"b"], object)}, np.inf),
        ({"y": np.zeros(1)}, {"z": np.zeros(1)}, np.inf),
        ({"y": np.zeros(1), "z": np.ones(1)}, {"y": np.ones(1), "z": np.ones(1)}, 1.0),
    ],
)
def test_the_largest_difference_of_any_number_counts(one: Tensors, other: Tensors, expected: float) -> None:
    assert difference(one, other) == expected


async def test_a_copy_is_compared_with_the_stable_version_and_a_call_is_not(tmp_path: Path) -> None:
    add_scripted(tmp_path, "m", "version_policy: {all: true}\n")
    add_scripted(tmp_path, "m", version=2)
    async with managed(tmp_path, Script({"m/1": 10.0, "m/2": 10.05})) as manager:
        manager.apply_desired(1, {"m": {"stable": 1}})
        canary, stable = await manager.obtain("m", "2", None, None), await manager.obtain("m", "1", None, None)
        assert manager.stable_of(canary) is stable
        assert manager.stable_of(stable) is None
        ones = {"x": np.ones((1, 4), np.float32)}
        outputs = await ActiveCall(canary, COPY, None, stable).infer(ones)  # type: ignore[arg-type]
        assert outputs["y"][0, 0] == np.float32(10.05), "the answer is the version's own"
        async with asyncio.timeout(10):
            while not any(canary.differences.counts):
                await asyncio.sleep(0.01)
        assert dict(canary.differences.buckets())["0.1"] == 1
        assert dict(canary.differences.buckets())["0.01"] == 0
        await ActiveCall(canary, Terms(None), None).infer(ones)  # type: ignore[arg-type]
        await asyncio.sleep(0.05)
        assert sum(canary.differences.counts) == 1


async def test_without_a_stable_version_in_memory_nothing_is_compared(tmp_path: Path) -> None:
    add_scripted(tmp_path, "m")
    async with managed(tmp_path, Script()) as manager:
        served = await manager.obtain("m", "1", None, None)
        assert manager.stable_of(served) is None
        manager.apply_desired(1, {"m": {"stable": 2}})
        assert manager.stable_of(served) is None


class Stable:
    """A stable version that answers once it may."""

    def __init__(self, outputs: Tensors) -> None:
        self.usage = Usage()
        self.may_answer = asyncio.Event()
        self._outputs = outputs

    async def infer(self, _inputs: Tensors, _terms: Terms) -> Result:
        """Answers."""
        await self.may_answer.wait()
        return Result(self._outputs, 1, 0.0, 0.0)


async def test_large_answers_are_compared_while_other_calls_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    others = threading.Event()

    def compared(one: Tensors, other: Tensors) -> float:
        return difference(one, other) if others.wait(10) else float("inf")

    monkeypatch.setattr("argosy_worker.lifecycle.differences.difference", compared)
    stable = Stable({"y": np.ones(100_000)})
    stable.may_answer.set()
    differences = Differences()
    differences.compare_later(stable, {}, {"y": np.zeros(100_000)}, COPY)  # type: ignore[arg-type]
    asyncio.get_running_loop().call_later(0.05, others.set)
    await until(lambda: any(differences.counts), 20)
    assert differences.sum == 1.0


async def test_a_copy_keeps_the_stable_version_in_memory_and_does_not_make_it_recently_used() -> None:
    stable = Stable({"y": np.ones(1)})
    last = stable.usage.last
    differences = Differences()
    differences.compare_later(stable, {}, {"y": np.zeros(1)}, COPY)  # type: ignore[arg-type]
    await asyncio.sleep(0)
    assert stable.usage.busy
    stable.may_answer.set()
    await until(lambda: any(differences.counts), 20)
    assert not stable.usage.busy
    assert stable.usage.last == last
