# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Rows of features, and sequences of them: predicted values, classes, anomalies, and why."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator, Mapping
from typing import Any, overload

from argosy.common.v1 import explanation_pb2
from argosy.tabular.v1 import tabular_pb2
from numpy.typing import NDArray

from argosy_client.aio_transport import AsyncTransport
from argosy_client.calls import first
from argosy_client.domains import explanations
from argosy_client.domains.tabular_calls import (
    ARow,
    Readings,
    Row,
    Rows,
    explain_call,
    predict_call,
    readings_message,
    stream_call,
)
from argosy_client.tabular_results import StreamedPrediction, TabularExplanation, TabularResult
from argosy_client.transport import Transport


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
        report_errors: bool = False,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TabularResult: ...
    @overload
    def predict(
        self,
        rows: Rows[ARow],
        *,
        report_errors: bool = False,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> list[TabularResult]: ...
    def predict(
        self,
        rows: Row | Rows[ARow],
        *,
        report_errors: bool = False,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TabularResult | list[TabularResult]:
        """Predicts one result for each row or sequence.

        Args:
            rows: One row as a dict of every feature's value; a list of such rows; or float32, float64 or integers of
                shape [rows, features], features in the model's order, or [sequences, timesteps, features].
            report_errors: Whether a row that cannot be used has its error in its result, and the others are predicted;
                else the whole call fails.
            model: Name of the model; None selects the default.
            version: Version number or label; None selects the default.
            timeout_s: Deadline in seconds; None selects the client's.

        Returns:
            One result for one row; otherwise a list in the order of the rows.
        """
        if isinstance(rows, Mapping):
            return self._transport.send(first(predict_call([rows], model, version, report_errors)), timeout_s)
        return self._transport.send(predict_call(rows, model, version, report_errors), timeout_s)

    def predict_stream(
        self,
        readings: Iterable[Readings],
        *,
        step: int = 1,
        window: int = 0,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> Iterator[StreamedPrediction]:
        """Predicts while readings arrive; a window slides over them.

        Args:
            readings: One reading after the other, or several at a time, as they arrive. Iterated in another thread.
            step: Readings between one prediction and the next.
            window: Readings in the window, for a model of sequences of any length; 0 selects the model's own.
            model: Name of the model; None selects the default.
            version: Version number or label; None selects the default.
            timeout_s: Deadline of the whole stream in seconds; None sets none.

        Yields:
            A prediction for each position of the window, and the error of each reading that cannot be used.
        """
        others = (readings_message(each) for each in readings)
        return self._transport.converse(stream_call(step, window, model, version), others, timeout_s)

    def explain(
        self,
        row: Row | NDArray[Any],
        *,
        background: NDArray[Any] | None = None,
        target: str = "",
        max_evaluations: int = 0,
        seed: int = 0,
        picture: bool = False,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TabularExplanation:
        """Explains a prediction by Shapley values of its features, sampled.

        Args:
            row: A dict of every feature's value; or numbers of shape [features], or [timesteps, features] for a model
                of sequences, whose features are explained as a whole.
            background: Rows against which the features are judged, [rows, features] or [rows, timesteps, features], at
                most 256; None selects those stored with the model.
            target: Label or predicted value that is explained; empty selects the best label, or the first value.
            max_evaluations: Altered inputs on which the model runs; 0 selects a default.
            seed: Seed of random choices.
            picture: Whether to draw the features' importance as PNG.
            model: Name of the model; None selects the default.
            version: Version number or label; None selects the default.
            timeout_s: Deadline in seconds; None selects the client's.
        """
        options = _options(target, max_evaluations, seed, picture)
        return self._transport.send(explain_call(row, background, options, model, version), timeout_s)


class AsyncTabular:
    """Tabular for asyncio: the same methods, awaited."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    @overload
    async def predict(
        self,
        rows: Row,
        *,
        report_errors: bool = False,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TabularResult: ...
    @overload
    async def predict(
        self,
        rows: Rows[ARow],
        *,
        report_errors: bool = False,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> list[TabularResult]: ...
    async def predict(
        self,
        rows: Row | Rows[ARow],
        *,
        report_errors: bool = False,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TabularResult | list[TabularResult]:
        """See Tabular.predict."""
        if isinstance(rows, Mapping):
            return await self._transport.send(first(predict_call([rows], model, version, report_errors)), timeout_s)
        return await self._transport.send(predict_call(rows, model, version, report_errors), timeout_s)

    def predict_stream(
        self,
        readings: Iterable[Readings] | AsyncIterable[Readings],
        *,
        step: int = 1,
        window: int = 0,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> AsyncIterator[StreamedPrediction]:
        """See Tabular.predict_stream; iterate with ``async for``. Readings may come from an asynchronous iterator."""
        call = stream_call(step, window, model, version)
        return self._transport.converse(call, _messages(readings), timeout_s)

    async def explain(
        self,
        row: Row | NDArray[Any],
        *,
        background: NDArray[Any] | None = None,
        target: str = "",
        max_evaluations: int = 0,
        seed: int = 0,
        picture: bool = False,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TabularExplanation:
        """See Tabular.explain."""
        options = _options(target, max_evaluations, seed, picture)
        return await self._transport.send(explain_call(row, background, options, model, version), timeout_s)


def _options(target: str, max_evaluations: int, seed: int, picture: bool) -> explanation_pb2.ExplanationOptions:
    kind = explanation_pb2.RENDERING_FORMAT_PNG if picture else explanation_pb2.RENDERING_FORMAT_UNSPECIFIED
    return explanations.options("", target, max_evaluations, seed, kind)


async def _messages(
    readings: Iterable[Readings] | AsyncIterable[Readings],
) -> AsyncIterator[tabular_pb2.PredictStreamRequest]:
    if isinstance(readings, AsyncIterable):
        async for each in readings:
            yield readings_message(each)
        return
    for each in readings:
        yield readings_message(each)
