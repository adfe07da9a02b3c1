# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Tabular: rows that cannot be used, values that are missing, and anomalies."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argosy.tabular.v1 import tabular_pb2 as pb
from argosy_worker.domains.tabular.service import DOMAIN, predict

from tests.unit.worker.domains.fakes import FakeCall, assert_invalid, fake_call, loaded, refusal
from tests.unit.worker.domains.test_tabular import config, regression, request, sequences, tensor

NAN = float("nan")


def imputing(folder: Path = Path("nowhere"), **section: Any) -> FakeCall:
    graph = loaded(config(**section), {"x": (-1, 2)}, {"y": (-1, 1)}, folder=folder)
    return fake_call(DOMAIN, graph, lambda inputs: {"y": inputs["x"].sum(axis=1, keepdims=True)})


def reported(message: pb.PredictRequest) -> pb.PredictRequest:
    message.row_errors = pb.ROW_ERRORS_REPORT
    return message


async def test_bad_rows_are_reported_in_their_places_and_the_others_predicted() -> None:
    call = regression()
    rows = [
        pb.Row(values=[1, 2]),
        pb.Row(values=[1, NAN]),
        pb.Row(named={"a": 1, "zzz": 2}),
        pb.Row(),
    ]
    found = (await predict(reported(request(*rows)), call)).predictions

    assert [list(one.values) for one in found] == [[3.0], [], [], []]
    assert [one.error.reason for one in found] == ["", "VALUE_NOT_FINITE", "FEATURE_UNKNOWN", "ROW_EMPTY"]
    assert "row 1: feature 'b' is nan" in found[1].error.message
    assert "zzz" in found[2].error.message
    assert call.only_input.tolist() == [[1, 2]]
    assert not found[0].HasField("error")


async def test_a_bad_value_after_an_unreadable_row_keeps_its_own_place() -> None:
    rows = [pb.Row(values=[1]), pb.Row(values=[1, 2]), pb.Row(values=[1e39, 2]), pb.Row(values=[3, 4])]
    found = (await predict(reported(request(*rows)), regression())).predictions

    assert [one.error.reason for one in found] == ["SHAPE_MISMATCH", "", "VALUE_OUT_OF_RANGE", ""]
    assert [list(one.values) for one in found] == [[], [3.0], [], [7.0]]
    assert found[2].error.message.startswith("row 2:")


async def test_sequences_of_a_tensor_are_reported_too() -> None:
    array = np.ones((3, 5, 2))
    array[1, 4, 1] = NAN
    found = (await predict(reported(tensor(array)), sequences())).predictions

    assert [list(one.values) for one in found] == [[10.0], [], [10.0]]
    assert "sequence 1, timestep 4: feature 'b'" in found[1].error.message


async def test_a_model_does_not_run_where_no_row_can_be_used() -> None:
    call = regression()
    found = (await predict(reported(tensor([[NAN, 1], [1, np.inf]])), call)).predictions
    assert [one.error.reason for one in found] == ["VALUE_NOT_FINITE"] * 2
    assert not call.ran


@pytest.mark.parametrize("message", [pb.PredictRequest(), tensor(np.zeros((0, 2))), tensor(np.zeros((1, 3)))])
async def test_what_is_wrong_with_the_whole_request_is_never_reported_by_row(message: pb.PredictRequest) -> None:
    await refusal(predict(reported(message), regression()))


async def test_an_unknown_way_with_errors_is_refused() -> None:
    message = tensor([[1, 2]])
    message.row_errors = 7  # type: ignore[assignment]
    assert (await refusal(predict(message, regression()))).reason == "ROW_ERRORS_UNKNOWN"


async def test_declared_numbers_stand_in_for_what_is_missing() -> None:
    call = imputing(features=[{"name": "a", "missing": 5.0}, {"name": "b"}], missing=7)
    rows = [pb.Row(named={"b": 1}), pb.Row(values=[NAN, NAN]), pb.Row(named={"a": NAN, "b": 2})]

    await predict(request(*rows), call)

    assert call.only_input.tolist() == [[5, 1], [5, 7], [5, 2]]


async def test_a_feature_without_stand_in_must_be_there_though_others_need_not() -> None:
    call = imputing(features=[{"name": "a", "missing": 5.0}, {"name": "b"}])
    error = await refusal(predict(request(pb.Row(named={"a": 1})), call))
    assert (error.reason, error.metadata["features"]) == ("FEATURE_MISSING", "b")
    assert (await refusal(predict(tensor([[1, NAN]]), call))).reason == "VALUE_NOT_FINITE"


@pytest.mark.parametrize("dtype", ["<f4", "<f8"])
async def test_the_mean_of_the_background_stands_in_where_the_model_says_so(tmp_path: Path, dtype: str) -> None:
    np.save(tmp_path / "background.npy", np.array([[1, 2], [3, 6]], np.float32))
    call = imputing(tmp_path, missing="mean", background="background.npy")

    await predict(tensor([[NAN, 1], [1, NAN]], dtype), call)

    assert call.only_input.tolist() == [[2, 1], [1, 4]]
    assert call.only_input.dtype == np.float32


async def test_infinity_is_not_missing() -> None:
    assert (await refusal(predict(tensor([[np.inf, 1]]), imputing(missing=0.0)))).reason == "VALUE_NOT_FINITE"


async def test_sequences_longer_than_allowed_are_refused() -> None:
    error = await refusal(predict(tensor(np.zeros((1, 6, 2))), sequences(max_timesteps=5)))
    assert error.reason == "SEQUENCE_TOO_LONG"


def anomalies(**section: Any) -> FakeCall:
    settings = config(task="anomaly", anomaly={"threshold": 3.0, "parts": "parts"} | section)
    graph = loaded(settings, {"x": (-1, 2)}, {"y": (-1, 1), "parts": (-1, 2)})

    def run(inputs: Any) -> Any:
        return {"y": inputs["x"].sum(axis=1, keepdims=True), "parts": inputs["x"]}

    return fake_call(DOMAIN, graph, run)


async def test_an_anomaly_has_a_score_a_verdict_and_the_parts_of_each_feature() -> None:
    low, high = (await predict(tensor([[1, 1.5], [1, 2]]), anomalies())).predictions

    assert (low.anomaly.score, low.anomaly.threshold, low.anomaly.anomalous) == (2.5, 3.0, False)
    assert (high.anomaly.score, high.anomaly.anomalous) == (3.0, True)
    assert [(part.feature, part.attribution) for part in high.anomaly.features] == [("a", 1.0), ("b", 2.0)]
    assert not low.values
    assert not low.classes


async def test_an_anomaly_without_parts_has_none() -> None:
    (found,) = (await predict(tensor([[1, 2]]), anomalies(parts=None))).predictions
    assert not found.anomaly.features
    assert found.anomaly.anomalous


@pytest.mark.parametrize(
    ("section", "outputs", "part"),
    [
        ({"task": "anomaly"}, {"y": (-1, 1)}, "tabular.anomaly: must be set"),
        ({"task": "anomaly", "anomaly": {"threshold": 1.0}}, {"y": (-1, 2)}, "tabular.output"),
        ({"task": "anomaly", "anomaly": {"threshold": 1.0, "parts": "p"}}, {"y": (-1, 1)}, "tabular.anomaly.parts"),
        (
            {"task": "anomaly", "anomaly": {"threshold": 1.0, "parts": "p"}},
            {"y": (-1, 1), "p": (-1, 3)},
            "tabular.anomaly.parts",
        ),
        ({"anomaly": {"threshold": 1.0}}, {"y": (-1, 1)}, "tabular.anomaly: must be null"),
        ({"missing": "mean"}, {"y": (-1, 1)}, "tabular.missing"),
        ({"missing": 1e39}, {"y": (-1, 1)}, "tabular.missing"),
        ({"background": "nothing.npy"}, {"y": (-1, 1)}, "no such file"),
    ],
)
def test_a_section_that_cannot_hold_is_refused(section: Any, outputs: Any, part: str, tmp_path: Path) -> None:
    assert_invalid(DOMAIN, loaded(config(**section), {"x": (-1, 2)}, outputs, folder=tmp_path), part)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((2, 3), np.float32),
        np.zeros((2, 2)),
        np.zeros((0, 2), np.float32),
        np.zeros((257, 2), np.float32),
        np.zeros(2, np.float32),
        np.array([[1, NAN]], np.float32),
        np.array([["a", "b"]], object),
        None,
    ],
)
def test_a_background_that_does_not_fit_is_refused(array: Any, tmp_path: Path) -> None:
    if array is None:
        (tmp_path / "background.npy").write_bytes(b"\x93NUMPY\x01\x00")
    else:
        np.save(tmp_path / "background.npy", array, allow_pickle=True)
    graph = loaded(config(background="background.npy"), {"x": (-1, 2)}, {"y": (-1, 1)}, folder=tmp_path)
    assert_invalid(DOMAIN, graph, "tabular.background")
