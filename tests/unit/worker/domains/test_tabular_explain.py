# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Tabular: which features a prediction rests on."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argosy.common.v1.explanation_pb2 import ExplanationOptions
from argosy.common.v1.tensor_pb2 import DataType, Tensor
from argosy.tabular.v1 import tabular_pb2 as pb
from argosy_worker.domains.tabular.explain import explain
from argosy_worker.domains.tabular.service import DOMAIN

from tests.unit.worker.domains.fakes import FakeCall, fake_call, loaded, refusal
from tests.unit.worker.domains.test_tabular import config

NAMES = [*"abcdef"]


def sent(array: Any) -> Tensor:
    array = np.asarray(array, np.float32)
    return Tensor(data_type=DataType.DATA_TYPE_FP32, shape=array.shape, data=array.tobytes())


def call_of(folder: Path, run: Any, background: Any = None, **section: Any) -> FakeCall:
    if background is not None:
        np.save(folder / "background.npy", np.asarray(background, np.float32))
        section["background"] = "background.npy"
    shape = (-1, -1, 6) if section.get("sequences") else (-1, 6)
    outputs = section.pop("outputs", (-1, 1))
    settings = config(features=[{"name": name} for name in NAMES], **section) | {"methods": ["Explain"]}
    graph = loaded(settings, {"x": shape}, {"y": outputs}, ["no", "yes"], folder=folder)
    return fake_call(DOMAIN, graph, lambda inputs: {"y": run(inputs["x"])})


def risk(x: Any) -> Any:
    """The cause that is planted: b where c is high, and a little of e."""
    return (x[:, 1] * (x[:, 2] > 0.5) * 10 + x[:, 4])[:, None]


ROW = pb.Row(named=dict(zip(NAMES, [9, 2, 1, 9, 1, 9], strict=True)))


def attributions(response: pb.ExplainResponse) -> dict[str, float]:
    return {each.feature: each.attribution for each in response.features}


async def test_the_planted_cause_of_a_prediction_is_found(tmp_path: Path) -> None:
    response = await explain(pb.ExplainRequest(row=ROW), call_of(tmp_path, risk, np.zeros((3, 6))))

    # b and c do nothing without each other: half of what both do is each one's.
    assert attributions(response) == pytest.approx({"a": 0, "b": 10, "c": 10, "d": 0, "e": 1, "f": 0})
    summary = response.summary
    assert (summary.method, summary.value, summary.base_value) == ("shapley", 21, 0)
    assert summary.additivity_gap < 1e-9
    assert summary.fidelity > 8
    assert not summary.HasField("rendering")


async def test_a_background_that_is_sent_comes_before_the_one_that_is_stored(tmp_path: Path) -> None:
    row = [0, 2, 1, 0, 5, 0]
    request = pb.ExplainRequest(row=pb.Row(values=row), background=sent([[0, 2, 1, 0, 0, 0]]))
    response = await explain(request, call_of(tmp_path, risk, np.zeros((3, 6))))

    assert response.summary.base_value == 20
    assert attributions(response)["e"] == pytest.approx(5)
    assert attributions(response)["b"] == 0


async def test_what_no_row_of_the_background_differs_in_costs_nothing(tmp_path: Path) -> None:
    call = call_of(tmp_path, risk, np.zeros((1, 6)))
    response = await explain(pb.ExplainRequest(tensor=sent([[0, 0, 0, 0, 3, 0]])), call)

    assert attributions(response)["e"] == 3
    assert response.summary.evaluation_count < 100


async def test_features_of_a_sequence_are_explained_as_a_whole(tmp_path: Path) -> None:
    def run(x: Any) -> Any:
        return (x[:, :, 3].sum(axis=1) + x[:, 0, 0])[:, None]

    call = call_of(tmp_path, run, np.zeros((2, 4, 6)), sequences=True)
    response = await explain(pb.ExplainRequest(tensor=sent(np.ones((1, 4, 6)))), call)

    assert attributions(response) == pytest.approx({"a": 1, "b": 0, "c": 0, "d": 4, "e": 0, "f": 0}, abs=1e-9)


@pytest.mark.parametrize(("target", "named", "e"), [("", "yes", 0.8), ("yes", "yes", 0.8), ("no", "no", -0.8)])
async def test_the_best_class_is_explained_unless_another_is_named(
    tmp_path: Path, target: str, named: str, e: float
) -> None:
    def run(x: Any) -> Any:
        return np.stack([0.9 - 0.8 * x[:, 4], 0.1 + 0.8 * x[:, 4]], axis=1)

    call = call_of(tmp_path, run, np.zeros((1, 6)), task="classification", outputs=(-1, 2))
    options = ExplanationOptions(target=target)
    response = await explain(pb.ExplainRequest(row=pb.Row(values=[0, 0, 0, 0, 1, 0]), options=options), call)

    assert response.summary.target == named
    assert attributions(response)["e"] == pytest.approx(e)


async def test_the_named_value_of_several_and_the_score_of_an_anomaly_are_explained(tmp_path: Path) -> None:
    call = call_of(tmp_path, lambda x: x[:, :2], np.zeros((1, 6)), targets=["p", "q"], outputs=(-1, 2))
    response = await explain(pb.ExplainRequest(row=ROW, options=ExplanationOptions(target="q")), call)
    assert attributions(response) == pytest.approx({"a": 0, "b": 2, "c": 0, "d": 0, "e": 0, "f": 0}, abs=1e-9)

    call = call_of(tmp_path, risk, np.zeros((1, 6)), task="anomaly", anomaly={"threshold": 1.0})
    response = await explain(pb.ExplainRequest(row=ROW), call)
    assert (response.summary.target, response.summary.value) == ("score", 21)


async def test_bars_are_drawn_where_a_picture_is_wanted(tmp_path: Path) -> None:
    options = ExplanationOptions(rendering="RENDERING_FORMAT_PNG")
    response = await explain(pb.ExplainRequest(row=ROW, options=options), call_of(tmp_path, risk, np.zeros((1, 6))))
    assert response.summary.rendering.media_type == "image/png"
    assert response.summary.rendering.data.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (pb.ExplainRequest(), "INPUT_MISSING"),
        (pb.ExplainRequest(row=ROW, tensor=sent(np.zeros((1, 6)))), "INPUT_AMBIGUOUS"),
        (pb.ExplainRequest(tensor=sent(np.zeros((2, 6)))), "TOO_MANY_ITEMS"),
        (pb.ExplainRequest(row=pb.Row(values=[1] * 5)), "SHAPE_MISMATCH"),
        (pb.ExplainRequest(row=pb.Row(values=[float("nan")] * 6)), "VALUE_NOT_FINITE"),
        (pb.ExplainRequest(row=ROW, background=sent(np.zeros((1, 5)))), "SHAPE_MISMATCH"),
        (pb.ExplainRequest(row=ROW, background=sent(np.zeros((0, 6)))), "NO_ITEMS"),
        (pb.ExplainRequest(row=ROW, background=sent(np.zeros((257, 6)))), "TOO_MANY_ITEMS"),
        (pb.ExplainRequest(row=ROW, background=sent(np.full((1, 6), np.inf))), "VALUE_NOT_FINITE"),
        (pb.ExplainRequest(row=ROW, options=ExplanationOptions(method="lime")), "EXPLANATION_METHOD_UNKNOWN"),
        (pb.ExplainRequest(row=ROW, options=ExplanationOptions(target="q")), "TARGET_UNKNOWN"),
        (pb.ExplainRequest(row=ROW, options=ExplanationOptions(rendering=2)), "RENDERING_UNSUPPORTED"),
        (pb.ExplainRequest(row=ROW, options=ExplanationOptions(max_evaluations=9)), "EXPLANATION_TOO_COSTLY"),
        (pb.ExplainRequest(row=ROW, options=ExplanationOptions(max_evaluations=2001)), "EVALUATIONS_OUT_OF_RANGE"),
    ],
)  # fmt: skip
async def test_what_cannot_be_explained_is_refused(tmp_path: Path, request_: pb.ExplainRequest, reason: str) -> None:
    call = call_of(tmp_path, risk, np.zeros((2, 6)))
    assert (await refusal(explain(request_, call))).reason == reason
    assert bool(call.ran) is (reason == "TARGET_UNKNOWN")  # whose targets the model's output tells


async def test_without_any_background_one_must_be_sent(tmp_path: Path) -> None:
    call = call_of(tmp_path, risk)
    error = await refusal(explain(pb.ExplainRequest(row=ROW), call))
    assert (error.reason, not call.ran) == ("BACKGROUND_MISSING", True)
    assert await explain(pb.ExplainRequest(row=ROW, background=sent(np.zeros((1, 6)))), call)


async def test_a_background_of_another_length_is_refused(tmp_path: Path) -> None:
    call = call_of(tmp_path, lambda x: x[:, 0, :1], np.zeros((2, 4, 6)), sequences=True)
    error = await refusal(explain(pb.ExplainRequest(tensor=sent(np.ones((1, 5, 6)))), call))
    assert error.reason == "SHAPE_MISMATCH"
