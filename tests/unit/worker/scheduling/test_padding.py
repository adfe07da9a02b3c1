# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Requests of different lengths: who shares a batch, what the engine sees, what comes back."""

import asyncio

import numpy as np
import pytest
from argosy_worker.engines.port import Tensors, TensorSpec
from argosy_worker.scheduling.batcher import Batcher, BatcherOptions
from argosy_worker.scheduling.claim import Limits
from argosy_worker.scheduling.padding import Sequences, crop, stack
from argosy_worker.scheduling.work import Terms, signature

SEQUENCES = Sequences({"x": 0.0, "mask": 0.0}, frozenset({"y"}), (4, 8), 0)


def request(length: int, items: int = 1, value: float = 1.0) -> Tensors:
    return {
        "x": np.full((items, length), value, np.float32),
        "mask": np.ones((items, length), np.float32),
    }


@pytest.mark.parametrize(("length", "padded"), [(1, 4), (4, 4), (5, 8), (8, 8), (9, 9), (0, 4)])
def test_the_smallest_bucket_that_holds_a_request_is_its_length(length: int, padded: int) -> None:
    assert SEQUENCES.length(request(length)) == padded


def test_requests_share_a_batch_where_their_bucket_is_the_same() -> None:
    def like(length: int) -> object:
        inputs = request(length)
        return signature(inputs, SEQUENCES.length(inputs), SEQUENCES)

    assert like(1) == like(4) != like(5) == like(8)


def test_tensors_that_disagree_on_the_length_share_with_nobody_else() -> None:
    odd = {**request(5), "mask": np.ones((1, 6), np.float32)}
    assert signature(odd, SEQUENCES.length(odd), SEQUENCES) != signature(request(5), 8, SEQUENCES)


def test_padding_is_the_declared_value_at_the_end() -> None:
    padded = stack("x", [request(2)["x"], request(3, items=2)["x"]], Sequences({"x": 7.0}, frozenset(), (8,), 0))
    assert padded.tolist() == [[1, 1, 7], [1, 1, 1], [1, 1, 1]]


def test_only_declared_outputs_are_cropped() -> None:
    rows = np.zeros((1, 8))
    assert crop("y", rows, request(3), SEQUENCES).shape == (1, 3)
    assert crop("mean", rows, request(3), SEQUENCES).shape == (1, 8)


@pytest.mark.parametrize(("length", "items"), [(1, 32), (8, 16), (64, 2), (1000, 1)])
def test_a_token_budget_bounds_the_items_of_a_batch(length: int, items: int) -> None:
    assert Limits(32, 128).items(length) == items


class MeanEngine:
    """Averages x over the mask; notes the shapes that it is given."""

    inputs = (TensorSpec("x", "FP32", (-1, -1)), TensorSpec("mask", "FP32", (-1, -1)))
    outputs = (TensorSpec("y", "FP32", (-1, -1)), TensorSpec("mean", "FP32", (-1, 1)))
    device = "test"
    queues_runs = False

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def run(self, inputs: Tensors) -> Tensors:
        self.shapes.append(inputs["x"].shape)
        total = (inputs["x"] * inputs["mask"]).sum(1, keepdims=True)
        return {"y": inputs["x"] * 2, "mean": total / inputs["mask"].sum(1, keepdims=True)}

    def close(self) -> None:
        """Nothing is held."""


async def test_callers_of_different_lengths_get_their_own_lengths_back() -> None:
    engine = MeanEngine()
    batcher = Batcher([engine], BatcherOptions(max_batch_size=8, max_queue=100, sequences=SEQUENCES, inline_below_s=0))
    lengths = (2, 3, 4, 6)
    results = await asyncio.gather(*(batcher.submit(request(length, value=length), 1, Terms()) for length in lengths))
    await batcher.close()
    assert sorted(engine.shapes) == [(1, 6), (3, 4)]
    assert (batcher.stats.tokens, batcher.stats.padding_tokens) == (2 + 3 + 4 + 6, 2 + 1)
    for length, result in zip(lengths, results, strict=True):
        assert result.outputs["y"].tolist() == [[2.0 * length] * length]
        assert result.outputs["mean"].item() == length
