# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How far one version's answers are from another's."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
from argosy_worker.engines.port import Tensors
from argosy_worker.lifecycle.call import ActiveCall
from argosy_worker.lifecycle.differences import difference
from argosy_worker.scheduling.work import SHADOW_PRIORITY, SHADOW_TENANT, Terms

from tests.support.lifecycle import Script, add_scripted, managed

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
