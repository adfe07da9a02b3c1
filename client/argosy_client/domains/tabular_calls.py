# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The calls of ``argosy_client.domains.tabular``: what is sent, and how answers are read."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, TypeVar

import numpy as np
from argosy.common.v1 import explanation_pb2
from argosy.tabular.v1 import tabular_pb2
from numpy.typing import NDArray

from argosy_client.calls import Call, checked_model, checked_version, checked_whole, expect
from argosy_client.domains import explanations
from argosy_client.domains.labels import labels
from argosy_client.inputs import float_tensor
from argosy_client.results import Timing
from argosy_client.tabular_results import (
    Anomaly,
    FeatureAttribution,
    RowError,
    StreamedPrediction,
    TabularExplanation,
    TabularResult,
)

SERVICE = "/argosy.tabular.v1.TabularService"
Row = Mapping[str, float]
ARow = TypeVar("ARow", bound=Row)
#: Rows by name, or a bulk array of shape [rows, features] or [sequences, timesteps, features].
Rows = list[ARow] | tuple[ARow, ...] | NDArray[Any]
#: One reading as a dict of every feature's value or as an array [features]; or several as a list of such dicts, or as
#: an array [readings, features].
Readings: TypeAlias = Row | list[Row] | NDArray[Any]


def predict_call(
    rows: Rows[ARow], model: str | None, version: str | int | None, report_errors: bool = False
) -> Call[list[TabularResult]]:
    """The call that predicts."""
    request = tabular_pb2.PredictRequest(model=checked_model(model), version=checked_version(version))
    if report_errors:
        request.row_errors = tabular_pb2.ROW_ERRORS_REPORT
    if isinstance(rows, np.ndarray):
        if rows.ndim not in (2, 3):
            raise ValueError(
                f"rows have shape {list(rows.shape)}; they must have [rows, features], "
                "or [sequences, timesteps, features]"
            )
        request.tensor.CopyFrom(float_tensor(rows))
    else:
        request.rows.extend(_row(row) for row in rows)

    def read(answer: tabular_pb2.PredictResponse, timing: Timing) -> list[TabularResult]:
        expect(answer.predictions, len(rows))
        return [_result(one, answer.model, answer.version, timing) for one in answer.predictions]

    return Call(f"{SERVICE}/Predict", request, tabular_pb2.PredictResponse, read, request.model)


def stream_call(step: int, window: int, model: str | None, version: str | int | None) -> Call[StreamedPrediction]:
    """The call that predicts while readings arrive, with its first message."""
    request = tabular_pb2.PredictStreamRequest(
        model=checked_model(model),
        version=checked_version(version),
        config=tabular_pb2.PredictStreamConfig(
            step=checked_whole(step, "step", 0, 2**31 - 1), window=checked_whole(window, "window", 0, 2**31 - 1)
        ),
    )

    def read(answer: tabular_pb2.PredictStreamResponse, timing: Timing) -> StreamedPrediction:
        result = _result(answer.prediction, answer.model, answer.version, timing)
        return StreamedPrediction(answer.reading_count, result)

    return Call(f"{SERVICE}/PredictStream", request, tabular_pb2.PredictStreamResponse, read, request.model)


def readings_message(readings: Readings) -> tabular_pb2.PredictStreamRequest:
    """A message of a stream after its first."""
    if isinstance(readings, np.ndarray):
        if readings.ndim not in (1, 2) or readings.dtype.kind not in "fiu":
            raise ValueError(
                f"readings have shape {list(readings.shape)} and dtype {readings.dtype}; they must be numbers of shape "
                "[features] or [readings, features]"
            )
        rows: Iterable[tabular_pb2.Row] = (
            tabular_pb2.Row(values=values) for values in np.atleast_2d(readings).tolist()
        )
    elif isinstance(readings, list):
        rows = (_row(row) for row in readings)
    else:
        rows = [_row(readings)]
    return tabular_pb2.PredictStreamRequest(readings=tabular_pb2.Readings(rows=rows))


def explain_call(
    row: Row | NDArray[Any],
    background: NDArray[Any] | None,
    options: explanation_pb2.ExplanationOptions,
    model: str | None,
    version: str | int | None,
) -> Call[TabularExplanation]:
    """The call that explains a prediction."""
    request = tabular_pb2.ExplainRequest(model=checked_model(model), version=checked_version(version), options=options)
    if isinstance(row, np.ndarray):
        if row.ndim not in (1, 2):
            raise ValueError(f"the row has shape {list(row.shape)}; it must have [features], or [timesteps, features]")
        request.tensor.CopyFrom(float_tensor(row[None]))
    else:
        request.row.CopyFrom(_row(row))
    if background is not None:
        request.background.CopyFrom(float_tensor(background))

    def read(answer: tabular_pb2.ExplainResponse, timing: Timing) -> TabularExplanation:
        return TabularExplanation(
            _attributions(answer.features),
            explanations.summary(answer.summary),
            answer.model,
            answer.version,
            timing,
        )

    return Call(f"{SERVICE}/Explain", request, tabular_pb2.ExplainResponse, read, request.model)


def _row(row: Row) -> tabular_pb2.Row:
    if not isinstance(row, Mapping):
        raise ValueError(f"a row is a dict of feature names with values, not {type(row).__name__}")
    try:
        return tabular_pb2.Row(named={name: float(value) for name, value in row.items()})
    except (TypeError, ValueError) as error:
        raise ValueError(f"a row has a value that is not a number: {error}") from error


def _result(found: tabular_pb2.Prediction, model: str, version: str, timing: Timing) -> TabularResult:
    anomaly = error = None
    if found.HasField("anomaly"):
        seen = found.anomaly
        anomaly = Anomaly(seen.score, seen.threshold, seen.anomalous, _attributions(seen.features))
    if found.HasField("error"):
        error = RowError(found.error.reason, found.error.message)
    return TabularResult(tuple(found.values), labels(found.classes), model, version, timing, anomaly, error)


def _attributions(found: Iterable[tabular_pb2.FeatureAttribution]) -> tuple[FeatureAttribution, ...]:
    return tuple(FeatureAttribution(one.feature, one.attribution) for one in found)
