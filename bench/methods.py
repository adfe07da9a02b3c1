# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The calls that are measured: a request on the tiny model, its right answer, and how a reply is checked."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from argosy import v2
from argosy.common.v1.tensor_pb2 import DataType, Tensor
from argosy.tabular.v1 import tabular_pb2
from numpy.typing import NDArray

from bench import tiny_model
from bench.tiny_model import TinyModel

TOLERANCE = 1e-4


class WrongReply(Exception):
    """A reply with status OK that is not the right answer; the text says what differs."""


@dataclass(frozen=True, slots=True)
class Method:
    """One way to ask the same question."""

    label: str
    path: str
    request_type: Any
    """Message classes; a bare server parses and builds the same ones."""
    response_type: Any
    request: bytes
    answer: Any
    """The right answer, a message."""
    check: Callable[[bytes], None]
    """Raises WrongReply. Remembers replies that were right, so that each is checked in full at little cost."""


def v2_infer(model: TinyModel) -> Method:
    """``ModelInfer`` of the V2 protocol: one row, raw contents."""
    rows = tiny_model.row()
    expected = model.scores(rows)
    request = v2.message("ModelInferRequest")(model_name=tiny_model.NAME)
    request.inputs.add(name=tiny_model.INPUT, datatype="FP32", shape=rows.shape)
    request.raw_input_contents.append(rows.tobytes())
    answer = v2.message("ModelInferResponse")(model_name=tiny_model.NAME, model_version="1")
    answer.outputs.add(name=tiny_model.OUTPUT, datatype="FP32", shape=expected.shape)
    answer.raw_output_contents.append(expected.tobytes())

    def values(reply: Any) -> NDArray[Any]:
        if [output.name for output in reply.outputs] != [tiny_model.OUTPUT] or len(reply.raw_output_contents) != 1:
            raise WrongReply(f"outputs {[output.name for output in reply.outputs]}")
        return np.frombuffer(reply.raw_output_contents[0], np.float32)

    return Method(
        label="V2 ModelInfer",
        path=f"/{v2.SERVICE}/ModelInfer",
        request_type=v2.message("ModelInferRequest"),
        response_type=type(answer),
        request=request.SerializeToString(),
        answer=answer,
        check=_check(type(answer), lambda reply: (reply.model_name, reply.model_version), values, expected),
    )


def predict(model: TinyModel) -> Method:
    """``Predict`` of the typed tabular service: one row in ``tensor``."""
    rows = tiny_model.row()
    expected = model.scores(rows)
    tensor = Tensor(data_type=DataType.DATA_TYPE_FP32, shape=rows.shape, data=rows.tobytes())
    predictions = [tabular_pb2.Prediction(values=expected[0].tolist())]

    def values(reply: Any) -> NDArray[Any]:
        if len(reply.predictions) != 1:
            raise WrongReply(f"{len(reply.predictions)} predictions for 1 row")
        return np.array(reply.predictions[0].values)

    return Method(
        label="typed Predict",
        path="/argosy.tabular.v1.TabularService/Predict",
        request_type=tabular_pb2.PredictRequest,
        response_type=tabular_pb2.PredictResponse,
        request=tabular_pb2.PredictRequest(model=tiny_model.NAME, tensor=tensor).SerializeToString(),
        answer=tabular_pb2.PredictResponse(model=tiny_model.NAME, version="1", predictions=predictions),
        check=_check(tabular_pb2.PredictResponse, lambda reply: (reply.model, reply.version), values, expected),
    )


def all_methods(model: TinyModel) -> tuple[Method, ...]:
    """Every method that is measured."""
    return v2_infer(model), predict(model)


def _check(
    response_type: Any,
    answered_by: Callable[[Any], tuple[str, str]],
    values: Callable[[Any], NDArray[Any]],
    expected: NDArray[np.float32],
) -> Callable[[bytes], None]:
    @lru_cache(maxsize=64)
    def check(reply: bytes) -> None:
        message = response_type.FromString(reply)
        if answered_by(message) != (tiny_model.NAME, "1"):
            raise WrongReply(f"answered by model and version {answered_by(message)}")
        scores = values(message)
        if scores.shape != (expected.size,) or not np.allclose(scores, expected[0], atol=TOLERANCE):
            raise WrongReply(f"scores {scores.tolist()} instead of {expected[0].tolist()}")

    return check
