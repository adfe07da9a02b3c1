# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What runs before the first caller, and how that ends."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from argosy_worker.engines.port import EngineOptions, Tensors, TensorSpec
from argosy_worker.errors import InputRefused
from argosy_worker.lifecycle.loader import Loader
from argosy_worker.lifecycle.manager import ModelManager
from argosy_worker.lifecycle.served import ServedModel
from argosy_worker.lifecycle.state import State, StateBoard

from tests.support.lifecycle import DOMAIN, add_scripted, states

SEQUENCES = "sequences: {inputs: {ids: 0, mask: 0}, outputs: [y], buckets: [8, 32, 128]}"


class Recording:
    """An engine of sequences that notes the shape of each run, on which device."""

    queues_runs = False
    memory_bytes = 0
    inputs: tuple[TensorSpec, ...] = (TensorSpec("ids", "INT64", (-1, -1)), TensorSpec("mask", "INT64", (-1, -1)))
    outputs: tuple[TensorSpec, ...] = (TensorSpec("y", "FP32", (-1, -1)),)

    def __init__(self, loaded: "Recorded", device: str) -> None:
        self._loaded = loaded
        self.device = device

    def run(self, inputs: Tensors) -> Tensors:
        ids = inputs["ids"]
        if ids.shape[1] > self._loaded.longest:
            raise InputRefused("position outside the table")
        time.sleep(self._loaded.token_s * ids.size)
        self._loaded.runs[self.device, ids.shape] += 1
        self._loaded.masks |= set(np.unique(inputs["mask"]).tolist())
        return {"y": np.zeros(ids.shape, np.float32)}

    def close(self) -> None:
        """Nothing is held."""


class Recorded:
    """Loads such engines."""

    def __init__(self, devices: tuple[str, ...] = ("cpu",), longest: int = 1000, token_s: float = 0.0) -> None:
        self.devices = devices
        self.longest = longest
        self.token_s = token_s
        self.runs: Counter[tuple[str, tuple[int, ...]]] = Counter()
        self.masks: set[int] = set()

    def __call__(self, _model: Path, _options: EngineOptions) -> list[Recording]:
        return [Recording(self, device) for device in self.devices]

    def shapes(self, device: str = "cpu") -> set[tuple[int, ...]]:
        return {shape for on, shape in self.runs if on == device}


async def load(folder: Path, recorded: Recorded, yaml: str) -> ServedModel:
    """Loads the model that the text describes, and nothing else."""
    add_scripted(folder, "m", yaml)
    with ThreadPoolExecutor(2) as executor:
        manager = ModelManager(folder, Loader(DOMAIN, executor, 0.0, None, lambda _: recorded), StateBoard())
        await manager.load_all()
        assert states(manager, "m") == {1: State.READY}
        (served,) = manager.served()
        await manager.close()
        return served


async def test_batch_sizes_double_up_to_the_largest_at_each_length(tmp_path: Path) -> None:
    recorded = Recorded()
    await load(tmp_path, recorded, f"batching: {{max_batch_size: 6, {SEQUENCES}}}")
    padding_check = {(1, 5), (2, 13)}
    expected = {(items, length) for items in (1, 2, 4, 6) for length in (8, 32, 128)}
    assert recorded.shapes() - padding_check == expected


async def test_a_mask_hides_nothing(tmp_path: Path) -> None:
    recorded = Recorded()
    await load(tmp_path, recorded, f"batching: {{max_batch_size: 1, {SEQUENCES}}}")
    assert 1 in recorded.masks


async def test_a_budget_of_tokens_bounds_the_batches(tmp_path: Path) -> None:
    recorded = Recorded()
    budgeted = SEQUENCES.replace("buckets", "max_tokens: 128, buckets")
    await load(tmp_path, recorded, f"batching: {{max_batch_size: 8, {budgeted}}}")
    assert {shape for shape in recorded.shapes() if shape[1] >= 32} == {(1, 32), (2, 32), (4, 32), (1, 128)}


async def test_sizes_and_lengths_can_be_told(tmp_path: Path) -> None:
    recorded = Recorded()
    told = "execution: {warm_up: {batch_sizes: [3, 9], lengths: [20]}}"
    await load(tmp_path, recorded, f"batching: {{max_batch_size: 4, {SEQUENCES}}}\n{told}")
    assert recorded.shapes() - {(1, 5), (2, 13)} == {(3, 20)}


async def test_each_device_is_warmed_up_for_itself(tmp_path: Path) -> None:
    recorded = Recorded(devices=("gpu:0", "gpu:1", "gpu:0"))
    await load(tmp_path, recorded, f"batching: {{max_batch_size: 2, {SEQUENCES}}}")
    assert recorded.shapes("gpu:1") == {(items, length) for items in (1, 2) for length in (8, 32, 128)}


async def test_what_takes_too_long_is_left_out_and_cheap_shapes_run(tmp_path: Path) -> None:
    recorded = Recorded(token_s=0.0005)
    limit = "execution: {warm_up: {max_s: 0.3}}"
    await load(tmp_path, recorded, f"batching: {{max_batch_size: 64, {SEQUENCES}}}\n{limit}")
    assert (1, 8) in recorded.shapes()
    assert (64, 128) not in recorded.shapes()  # 4 s


async def test_it_can_be_switched_off(tmp_path: Path) -> None:
    recorded = Recorded()
    await load(
        tmp_path, recorded, f"batching: {{max_batch_size: 4, {SEQUENCES}}}\nexecution: {{warm_up: {{max_s: 0}}}}"
    )
    assert recorded.shapes() <= {(1, 5), (2, 13)}


async def test_a_length_that_the_model_cannot_take_ends_the_lengths_and_the_model_serves(tmp_path: Path) -> None:
    recorded = Recorded(longest=40)
    await load(tmp_path, recorded, f"batching: {{max_batch_size: 2, {SEQUENCES}}}")
    assert {(1, 32), (2, 32)} <= recorded.shapes()


async def test_the_batcher_learns_from_the_runs_but_the_first_of_each_shape(tmp_path: Path) -> None:
    recorded = Recorded()
    served = await load(tmp_path, recorded, f"batching: {{max_batch_size: 4, {SEQUENCES}}}")
    assert [recorded.runs["cpu", (items, 8)] for items in (1, 2, 4)] == [1 + 3, 1 + 1, 1 + 3]
    assert served.batcher.stats.runs == 3 * (3 + 1 + 3)
