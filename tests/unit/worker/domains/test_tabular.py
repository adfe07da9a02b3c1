# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Tabular: rows, tensors and sequences to predictions."""

from typing import Any

import numpy as np
import pytest
from argosy.common.v1.tensor_pb2 import DataType, Tensor
from argosy.tabular.v1 import tabular_pb2 as pb
from argosy_worker.domains.tabular.service import DOMAIN, predict
from argosy_worker.errors import EngineFault

from tests.unit.worker.domains.fakes import FakeCall, assert_invalid, fake_call, loaded, refusal

FEATURES = [{"name": "a"}, {"name": "b"}]


def config(**section: Any) -> dict[str, Any]:
    tabular = {"input": "x", "output": "y", "task": "regression", "features": FEATURES} | section
    return {"methods": ["Predict"], "max_items": 4, "tabular": tabular}


def regression(datatype: str = "FP32") -> FakeCall:
    graph = loaded(config(), {"x": (datatype, (-1, 2))}, {"y": (-1, 1)})
    return fake_call(DOMAIN, graph, lambda inputs: {"y": inputs["x"].sum(axis=1, keepdims=True).astype(np.float32)})


def sequences(timesteps: int = -1, **section: Any) -> FakeCall:
    graph = loaded(config(sequences=True, **section), {"x": (-1, timesteps, 2)}, {"y": (-1, 1)})
    return fake_call(DOMAIN, graph, lambda inputs: {"y": inputs["x"].sum(axis=(1, 2))[:, None]})


def request(*rows: pb.Row) -> pb.PredictRequest:
    return pb.PredictRequest(rows=rows)


def tensor(array: Any, dtype: str = "<f4") -> pb.PredictRequest:
    array = np.asarray(array, dtype)
    types = {"<f4": DataType.DATA_TYPE_FP32, "<f8": DataType.DATA_TYPE_FP64, "<i4": DataType.DATA_TYPE_INT32}
    return pb.PredictRequest(tensor=Tensor(data_type=types[dtype], shape=array.shape, data=array.tobytes()))


def values(response: pb.PredictResponse) -> list[list[float]]:
    return [list(prediction.values) for prediction in response.predictions]


async def test_rows_by_name_and_by_position_may_be_mixed() -> None:
    call = regression()

    response = await predict(request(pb.Row(named={"b": 2.0, "a": 1.0}), pb.Row(values=[3.0, 4.0])), call)

    assert values(response) == [[3.0], [7.0]]
    assert call.only_input.dtype == np.float32
    assert call.only_input.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("dtype", ["<f4", "<f8"])
async def test_a_tensor_of_rows(dtype: str) -> None:
    call = regression()

    assert values(await predict(tensor([[1, 2], [3, 4]], dtype), call)) == [[3.0], [7.0]]
    assert call.only_input.dtype == np.float32


async def test_an_fp32_tensor_reaches_the_engine_without_a_copy() -> None:
    call = regression()
    await predict(tensor([[1, 2]]), call)
    assert not call.only_input.flags.owndata


async def test_rows_become_what_an_integer_graph_wants() -> None:
    call = regression("INT64")
    await predict(request(pb.Row(values=[2.7, -1.2])), call)
    assert (call.only_input.dtype, call.only_input.tolist()) == (np.int64, [[3, -1]])


async def test_values_beyond_the_graphs_type_are_refused() -> None:
    error = await refusal(predict(request(pb.Row(values=[300, 0])), regression("UINT8")))
    assert error.reason == "VALUE_OUT_OF_RANGE"
    assert "from 0 to 255" in error.message


async def test_sequences_of_any_length() -> None:
    call = sequences()
    assert values(await predict(tensor(np.ones((2, 5, 2))), call)) == [[10.0], [10.0]]


async def test_classes_come_best_first_all_of_them() -> None:
    graph = loaded(config(task="classification", activation="softmax"), {"x": (-1, 2)}, {"y": (-1, 7)}, [*"abcdefg"])
    call = fake_call(DOMAIN, graph, {"y": np.arange(7, dtype=np.float32)[None]})

    (prediction,) = (await predict(request(pb.Row(values=[1, 2])), call)).predictions

    assert "".join(label.label for label in prediction.classes) == "gfedcba"
    assert sum(label.score for label in prediction.classes) == pytest.approx(1)
    assert not prediction.values


@pytest.mark.parametrize(
    ("message", "reason", "parts"),
    [
        (pb.PredictRequest(), "INPUT_MISSING", []),
        (request(pb.Row()), "ROW_EMPTY", ["rows[0]"]),
        (request(pb.Row(values=[1, 2], named={"a": 1})), "ROW_AMBIGUOUS", ["rows[0]"]),
        (request(pb.Row(values=[1, 2]), pb.Row(values=[1])), "SHAPE_MISMATCH", ["rows[1]", "1 values for 2"]),
        (request(pb.Row(named={"a": 1})), "FEATURE_MISSING", ["b"]),
        (request(pb.Row(named={"a": 1, "c": 1})), "FEATURE_UNKNOWN", ["c"]),
        (request(pb.Row(named={"a": 1, "b": 2, "c": 1})), "FEATURE_UNKNOWN", ["c"]),
        (request(pb.Row(values=[1, np.nan])), "VALUE_NOT_FINITE", ["row 0", "'b'"]),
        (request(pb.Row(values=[1, 1]), pb.Row(named={"a": -np.inf, "b": 2})), "VALUE_NOT_FINITE", ["row 1", "'a'"]),
        (request(pb.Row(values=[1, 1e39])), "VALUE_OUT_OF_RANGE", ["1e+39", "'b'"]),
        (request(*[pb.Row(values=[1, 2])] * 5), "TOO_MANY_ITEMS", ["5", "4"]),
        (tensor(np.zeros((5, 2))), "TOO_MANY_ITEMS", ["5", "4"]),
        (tensor(np.zeros((0, 2))), "NO_ITEMS", []),
        (tensor(np.zeros((1, 3))), "SHAPE_MISMATCH", ["[1, 3]", "[rows, 2]"]),
        (tensor(np.zeros(2)), "SHAPE_MISMATCH", []),
        (tensor(np.zeros((1, 1, 2))), "SHAPE_MISMATCH", []),
        (tensor([[1, 2]], "<i4"), "DATA_TYPE_UNSUPPORTED", ["DATA_TYPE_INT32"]),
        (tensor([[1, np.inf]]), "VALUE_NOT_FINITE", ["'b'"]),
        (tensor([[1e300, 1]], "<f8"), "VALUE_OUT_OF_RANGE", ["'a'"]),
    ],
)
async def test_bad_rows_are_refused(message: pb.PredictRequest, reason: str, parts: list[str]) -> None:
    call = regression()

    error = await refusal(predict(message, call))

    assert error.reason == reason
    for part in parts:
        assert part in error.message
    assert not call.ran


async def test_rows_and_a_tensor_together_are_refused() -> None:
    both = tensor([[1, 2]])
    both.rows.add(values=[1, 2])
    assert (await refusal(predict(both, regression()))).reason == "INPUT_AMBIGUOUS"


async def test_looking_at_a_row_does_not_change_it() -> None:
    message = request(pb.Row(named={"a": 1, "c": 2}))
    await refusal(predict(message, regression()))
    assert dict(message.rows[0].named) == {"a": 1, "c": 2}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (sequences(), request(pb.Row(values=[1, 2]))),
        (sequences(), tensor(np.zeros((1, 2)))),
        (sequences(), tensor(np.zeros((1, 0, 2)))),
        (sequences(timesteps=3), tensor(np.zeros((1, 4, 2)))),
        (sequences(timesteps=3), tensor(np.zeros((1, 3, 1)))),
    ],
)
async def test_sequences_of_another_shape_are_refused(call: FakeCall, message: pb.PredictRequest) -> None:
    assert (await refusal(predict(message, call))).reason == "SHAPE_MISMATCH"


async def test_a_bad_value_in_a_sequence_is_located() -> None:
    array = np.zeros((2, 3, 2))
    array[1, 2, 0] = np.nan
    error = await refusal(predict(tensor(array), sequences()))
    assert "sequence 1, timestep 2: feature 'a'" in error.message
    assert error.metadata == {"index": "1", "feature": "a"}


async def test_a_prediction_that_is_not_finite_is_the_engines_fault() -> None:
    graph = loaded(config(), {"x": (-1, 2)}, {"y": (-1, 1)})
    call = fake_call(DOMAIN, graph, {"y": np.array([[np.inf]], np.float32)})
    with pytest.raises(EngineFault):
        await predict(request(pb.Row(values=[1, 2])), call)


def test_a_model_without_methods_needs_no_section() -> None:
    assert DOMAIN.prepare(loaded({}, {"x": (-1, 2)}, {"y": (-1, 1)})) is None


@pytest.mark.parametrize(
    ("settings", "inputs", "outputs", "part"),
    [
        ({"methods": ["Predict"]}, {"x": (-1, 2)}, {"y": (-1, 1)}, "tabular: must be set for Predict"),
        (config(), {"z": (-1, 2)}, {"y": (-1, 1)}, "tabular.input"),
        (config(), {"x": (-1, 3)}, {"y": (-1, 1)}, "tabular.input"),
        (config(), {"x": ("BYTES", (-1, 2))}, {"y": (-1, 1)}, "tabular.input"),
        (config(), {"x": (-1, 2), "w": (-1, 1)}, {"y": (-1, 1)}, "'w'"),
        (config(), {"x": (-1, 2)}, {"z": (-1, 1)}, "tabular.output"),
        (config(targets=["p", "q"]), {"x": (-1, 2)}, {"y": (-1, 1)}, "tabular.output"),
        (config(activation="softmax"), {"x": (-1, 2)}, {"y": (-1, 1)}, "tabular.activation"),
        (config(timesteps=3), {"x": (-1, 2)}, {"y": (-1, 1)}, "tabular.timesteps"),
        (config(sequences=True, timesteps=3), {"x": (-1, 4, 2)}, {"y": (-1, 1)}, "tabular.input"),
        (config(features=[{"name": "a"}, {"name": "a"}]), {"x": (-1, 2)}, {"y": (-1, 1)}, "tabular.features"),
    ],
)
def test_a_model_that_does_not_fit_its_graph_is_refused(settings: Any, inputs: Any, outputs: Any, part: str) -> None:
    assert_invalid(DOMAIN, loaded(settings, inputs, outputs), "model.yaml", part)
