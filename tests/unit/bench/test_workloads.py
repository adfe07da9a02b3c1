# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Items of real models: their requests, their batches, and the graphs that they are for."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
from argosy import v2
from argosy_worker.repository import scan

from bench import text_encoder, workloads
from bench.text_encoder import TextEncoder
from bench.workloads import Workload, WrongReply


@pytest.fixture(scope="module")
def work() -> Workload:
    return workloads.texts(TextEncoder(layers=1, width=32, heads=2), 12, 4, 8, 32, "{}")


@pytest.fixture(scope="module")
def session(work: Workload, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return ort.InferenceSession(str(work.write(tmp_path_factory.mktemp("models"))))


def test_lengths_differ_and_stay_within_the_longest(work: Workload) -> None:
    lengths = {item[text_encoder.IDS].shape[1] for item in work.items}
    assert len(lengths) > 4
    assert min(lengths) >= 8
    assert max(lengths) <= 32


@pytest.mark.parametrize("longest", [0, 32])
def test_padded_batches_give_the_answers_of_single_items(work: Workload, session: Any, longest: int) -> None:
    alone = np.concatenate([session.run(None, item)[0] for item in work.items])
    batched = workloads.batches(work.items, 4, longest)
    together = np.concatenate([session.run(None, inputs)[0] for inputs in batched])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    if longest:
        assert {inputs[text_encoder.IDS].shape for inputs in batched} == {(4, 32)}


def test_sorted_items_need_less_padding(work: Workload) -> None:
    def tokens(items: Any) -> int:
        return sum(inputs[text_encoder.IDS].size for inputs in workloads.batches(items, 4))

    assert tokens(workloads.by_length(work.items)) < tokens(work.items)


def test_an_answer_is_compared_with_its_own_item(work: Workload, session: Any) -> None:
    first, second = (session.run(None, item)[0][0] for item in work.items[:2])
    reply = v2.message("ModelInferResponse")()
    reply.raw_output_contents.append(first.tobytes())
    work.check(reply.SerializeToString(), first)
    with pytest.raises(WrongReply):
        work.check(reply.SerializeToString(), second)


def test_a_request_holds_its_item(work: Workload) -> None:
    message = v2.message("ModelInferRequest").FromString(work.requests()[3])
    ids = work.items[3][text_encoder.IDS]
    assert [tensor.name for tensor in message.inputs] == [text_encoder.IDS, text_encoder.MASK]
    assert list(message.inputs[0].shape) == list(ids.shape)
    assert message.raw_input_contents[0] == ids.tobytes()


def test_the_model_is_one_that_a_worker_takes(work: Workload, tmp_path: Path) -> None:
    work.write(tmp_path)
    config = scan.read(tmp_path, work.name).config
    assert config.batching.sequences is not None
    assert config.batching.sequences.buckets == [8, 16, 24, 32]
