# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``PredictStream``: a window slides over readings as they arrive."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from argosy.tabular.v1 import tabular_pb2 as pb
from numpy.typing import NDArray

from argosy_worker.domains._shared.limits import check_count
from argosy_worker.domains.tabular.codec import TabularCodec, error_of
from argosy_worker.domains.tabular.features import FeatureReader, Items
from argosy_worker.errors import InvalidInput
from argosy_worker.lifecycle.domain import Call

#: Most readings in a message, in a window, and between two predictions.
MOST_READINGS = 10_000
#: Windows of one run of the model hold no more than this, unless a single one does.
_RUN_BYTES = 4 << 20


@dataclass(slots=True)
class SlidingWindow:
    """The latest readings of one stream, and where in it predictions are due."""

    window: int
    step: int
    latest: NDArray[np.float64]
    """[readings, features]: those that the next window may still need."""
    received: int = 0
    """All readings, unusable ones as well."""
    until_due: int = 0
    """Usable readings until the next prediction is due."""

    @staticmethod
    def of(config: pb.PredictStreamConfig, features: FeatureReader) -> "SlidingWindow":
        """The window of a new stream.

        Raises:
            InvalidInput: STEP_OUT_OF_RANGE, WINDOW_OUT_OF_RANGE or WINDOW_MISSING.
        """
        step = config.step or 1
        if not 1 <= step <= MOST_READINGS:
            raise InvalidInput(
                f"config.step is {config.step}; it must be from 1 to {MOST_READINGS} (0 selects 1)",
                reason="STEP_OUT_OF_RANGE",
                metadata={"limit": str(MOST_READINGS)},
            )
        window = _window(config.window, features)
        return SlidingWindow(window, step, np.empty((0, len(features.names))), until_due=window)

    def slide(self, items: Items, count: int) -> tuple[NDArray[np.float64], list[int]]:
        """Takes in the usable ones of ``count`` readings.

        Returns:
            All that windows are cut from, [readings, features], the latest of earlier calls first; and after how many
            of them each window that is due ends.
        """
        readings = np.concatenate([self.latest, items.features])
        fresh = len(items.features)
        ends = list(range(len(self.latest) + self.until_due, len(readings) + 1, self.step))
        self.until_due = self.until_due - fresh + len(ends) * self.step
        # Of the readings, the next window needs no more than it lacks.
        self.latest = readings[max(len(readings) - (self.window - 1), 0) :].copy()
        self.received += count
        return readings, ends


def _window(asked: int, features: FeatureReader) -> int:
    own = features.timesteps if features.sequences else 1
    if own is None:
        most = min(MOST_READINGS, features.max_timesteps)
        if asked == 0:
            raise InvalidInput(
                f"this model takes sequences of any length: set config.window, from 1 to {most}",
                reason="WINDOW_MISSING",
            )
        if not 1 <= asked <= most:
            raise _window_out_of_range(asked, f"from 1 to {most}")
        return asked
    if asked not in (0, own):
        raise _window_out_of_range(asked, f"{own}, which is what the model takes, or 0")
    return own


def _window_out_of_range(asked: int, wanted: str) -> InvalidInput:
    return InvalidInput(f"config.window is {asked}; it must be {wanted}", reason="WINDOW_OUT_OF_RANGE")


async def predict_stream(
    first: pb.PredictStreamRequest, others: AsyncIterator[pb.PredictStreamRequest], call: Call
) -> AsyncIterator[pb.PredictStreamResponse]:
    """Predicts while readings arrive: one response for each position of the window and each unusable reading."""
    codec: TabularCodec = call.codec
    if first.WhichOneof("streaming_request") != "config":
        raise InvalidInput("the first message must hold config", reason="CONFIG_MISSING")
    window = SlidingWindow.of(first.config, codec.features)
    async for message in others:
        rows = _readings(message).rows
        items = await call.offload(_read, codec.features, rows, payload_bytes=message.ByteSize())
        before = window.received
        usable = [place for place in range(len(rows)) if place not in items.errors]
        kept = len(window.latest)
        readings, ends = window.slide(items, len(rows))
        errors = iter(sorted(items.errors.items()))
        failed = next(errors, None)
        async for end, prediction in _predicted(codec, call, window.window, readings, ends):
            place = usable[end - kept - 1]
            while failed is not None and failed[0] < place:
                yield _response(before + failed[0] + 1, error_of(failed[1]))
                failed = next(errors, None)
            yield _response(before + place + 1, prediction)
        while failed is not None:
            yield _response(before + failed[0] + 1, error_of(failed[1]))
            failed = next(errors, None)


def _readings(message: pb.PredictStreamRequest) -> pb.Readings:
    """The readings of a message after the first.

    Raises:
        InvalidInput: CONFIG_REPEATED, READINGS_MISSING, NO_ITEMS or TOO_MANY_ITEMS.
    """
    kind = message.WhichOneof("streaming_request")
    if kind == "config":
        raise InvalidInput("config was sent already; begin another stream to change it", reason="CONFIG_REPEATED")
    if kind is None:
        raise InvalidInput("a message after the first must hold readings", reason="READINGS_MISSING")
    check_count(len(message.readings.rows), MOST_READINGS, "readings.rows")
    return message.readings


def _read(features: FeatureReader, rows: Sequence[pb.Row]) -> Items:
    return features.read_rows(rows, report=True)


async def _predicted(
    codec: TabularCodec, call: Call, window: int, readings: NDArray[np.float64], ends: list[int]
) -> AsyncIterator[tuple[int, pb.Prediction]]:
    """The prediction of the window that ends after each number of readings."""
    most = max(call.config.batching.max_batch_size, 1)
    together = max(min(most, _RUN_BYTES // (window * readings.shape[1] * readings.itemsize)), 1)
    for some in _chunks(ends, together):
        cut = np.stack([readings[end - window : end] for end in some])
        inputs = codec.typed(cut if codec.features.sequences else cut[:, 0])
        outputs = await call.infer(codec.inputs(inputs))
        for pair in zip(some, codec.results.predictions(outputs, len(some)), strict=True):
            yield pair


def _chunks(values: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _response(reading_count: int, prediction: pb.Prediction) -> pb.PredictStreamResponse:
    return pb.PredictStreamResponse(reading_count=reading_count, prediction=prediction)
