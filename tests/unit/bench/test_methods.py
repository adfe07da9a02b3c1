# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A reply is right or is told apart from a right one."""

from typing import Any

import numpy as np
import onnxruntime
import pytest

from bench import methods, tiny_model
from bench.methods import Method, WrongReply

MODEL = tiny_model.make()


@pytest.fixture(params=methods.all_methods(MODEL), ids=lambda method: method.label)
def method(request: pytest.FixtureRequest) -> Method:
    found: Method = request.param
    return found


def changed(method: Method, **fields: Any) -> bytes:
    answer = method.response_type.FromString(method.answer.SerializeToString())
    for name, value in fields.items():
        setattr(answer, name, value)
    data: bytes = answer.SerializeToString()
    return data


def test_the_right_answer_passes(method: Method) -> None:
    method.check(method.answer.SerializeToString())


def test_another_version_is_wrong(method: Method) -> None:
    field = "model_version" if hasattr(method.answer, "model_version") else "version"
    with pytest.raises(WrongReply, match="version"):
        method.check(changed(method, **{field: "2"}))


def test_an_answer_without_scores_is_wrong(method: Method) -> None:
    answer = method.response_type.FromString(method.answer.SerializeToString())
    answer.ClearField("raw_output_contents" if hasattr(answer, "raw_output_contents") else "predictions")
    with pytest.raises(WrongReply):
        method.check(answer.SerializeToString())


def test_other_scores_are_wrong() -> None:
    other = methods.v2_infer(tiny_model.make(seed=7)).answer.SerializeToString()
    with pytest.raises(WrongReply, match="scores"):
        methods.v2_infer(MODEL).check(other)


def test_the_graph_computes_what_the_model_says(tmp_path: Any) -> None:
    MODEL.write(tmp_path)
    session = onnxruntime.InferenceSession(str(tmp_path / "tiny" / "1" / "model.onnx"))
    rows = np.concatenate([tiny_model.row(seed) for seed in range(5)])
    (scores,) = session.run([tiny_model.OUTPUT], {tiny_model.INPUT: rows})
    np.testing.assert_allclose(scores, MODEL.scores(rows), atol=1e-5)
