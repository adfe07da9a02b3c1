# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Rows of features, and sequences of them: predicted values or classes."""

from collections.abc import Mapping
from typing import Any, TypeVar, overload

import numpy as np
from argosy.tabular.v1 import tabular_pb2
from numpy.typing import NDArray

from argosy_client.aio_transport import AsyncTransport
from argosy_client.calls import Call, checked_model, checked_version, expect, first
from argosy_client.domains.labels import labels
from argosy_client.inputs import float_tensor
from argosy_client.results import TabularResult, Timing
from argosy_client.transport import Transport

SERVICE = "/argosy.tabular.v1.TabularService"
Row = Mapping[str, float]
ARow = TypeVar("ARow", bound=Row)
#: Rows by name, or a bulk array of shape [rows, features] or [sequences, timesteps, features].
Rows = list[ARow] | tuple[ARow, ...] | NDArray[Any]


def predict_call(rows: Rows[ARow], model: str | None, version: str | int | None) -> Call[list[TabularResult]]:
    """The call that predicts."""
    request = tabular_pb2.PredictRequest(model=checked_model(model), version=checked_version(version))
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
        return [
            TabularResult(tuple(one.values), labels(one.classes), answer.model, answer.version, timing)
            for one in answer.predictions
        ]

    return Call(f"{SERVICE}/Predict", request, tabular_pb2.PredictResponse, read, request.model)


def _row(row: Row) -> tabular_pb2.Row:
    if not isinstance(row, Mapping):
        raise ValueError(f"a row is a dict of feature names with values, not {type(row).__name__}")
    try:
        return tabular_pb2.Row(named={name: float(value) for name, value in row.items()})
    except (TypeError, ValueError) as error:
        raise ValueError(f"a row has a value that is not a number: {error}") from error


class Tabular:
    """Predicts from rows of features.

    Every method raises ArgosyError for a call that failed, and ValueError for an input that cannot be sent.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @overload
    def predict(
        self,
        rows: Row,
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TabularResult: ...
    @overload
    def predict(
        self,
        rows: Rows[ARow],
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> list[TabularResult]: ...
    def predict(
        self,
        rows: Row | Rows[ARow],
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TabularResult | list[TabularResult]:
        """Predicts one result for each row or sequence.

        Args:
            rows: One row as a dict of every feature's value; a list of such rows; or float32, float64 or integers of
                shape [rows, features], features in the model's order, or [sequences, timesteps, features].
            model: Name of the model; None selects the default.
            version: Version number or label; None selects the default.
            timeout_s: Deadline in seconds; None selects the client's.

        Returns:
            One result for one row; otherwise a list in the order of the rows.
        """
        if isinstance(rows, Mapping):
            return self._transport.send(first(predict_call([rows], model, version)), timeout_s)
        return self._transport.send(predict_call(rows, model, version), timeout_s)


class AsyncTabular:
    """Tabular for asyncio: the same methods, awaited."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    @overload
    async def predict(
        self,
        rows: Row,
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TabularResult: ...
    @overload
    async def predict(
        self,
        rows: Rows[ARow],
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> list[TabularResult]: ...
    async def predict(
        self,
        rows: Row | Rows[ARow],
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TabularResult | list[TabularResult]:
        """See Tabular.predict."""
        if isinstance(rows, Mapping):
            return await self._transport.send(first(predict_call([rows], model, version)), timeout_s)
        return await self._transport.send(predict_call(rows, model, version), timeout_s)
