# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``PredictStream``: a window slides over readings as they arrive."""

from collections.abc import AsyncIterator, Sequence
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
    until_due: int
    """Usable readings until the next prediction is due."""
    buffer: NDArray[np.float64]
    """[readings, features]: those that the next window may still need, with some before and room for more after."""
    length: int = 0
    """Readings in the buffer."""
    received: int = 0
    """All readings that came, unusable ones as well."""

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
        return SlidingWindow(window, step, window, np.empty((0, len(features.names))))

    def slide(self, items: Items, count: int) -> range:
        """Takes in the usable ones of ``count`` readings; returns after how many in the buffer a due window ends."""
        fresh = len(items.features)
        self._make_room(fresh)
        self.buffer[self.length : self.length + fresh] = items.features
        ends = range(self.length + self.until_due, self.length + fresh + 1, self.step)
        self.until_due += len(ends) * self.step - fresh
        self.length += fresh
        self.received += count
        return ends

    def _make_room(self, fresh: int) -> None:
        """Has room for so many more. Copies so seldom that readings one by one cost no more than many at a time."""
        if self.length + fresh <= len(self.buffer):
            return
        kept = min(self.length, self.window - 1)
        larger = np.empty((2 * (kept + fresh), self.buffer.shape[1]))
        larger[:kept] = self.buffer[self.length - kept : self.length]
        self.buffer, self.length = larger, kept


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
        ends = window.slide(items, len(rows))
        old = window.length - len(usable)
        errors = iter(sorted(items.errors.items()))
        failed = next(errors, None)
        async for end, prediction in _predicted(codec, call, window, ends):
            place = usable[end - old - 1]
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
    codec: TabularCodec, call: Call, window: SlidingWindow, ends: range
) -> AsyncIterator[tuple[int, pb.Prediction]]:
    """The prediction of the window that ends after each number of readings in the buffer."""
    size, readings = window.window, window.buffer
    most = max(call.config.batching.max_batch_size, 1)
    together = max(min(most, _RUN_BYTES // (size * readings.shape[1] * readings.itemsize)), 1)
    for start in range(0, len(ends), together):
        some = ends[start : start + together]
        cut = np.stack([readings[end - size : end] for end in some])
        inputs = codec.typed(cut if codec.features.sequences else cut[:, 0])
        outputs = await call.infer(codec.inputs(inputs))
        for pair in zip(some, codec.results.predictions(outputs, len(some)), strict=True):
            yield pair


def _response(reading_count: int, prediction: pb.Prediction) -> pb.PredictStreamResponse:
    return pb.PredictStreamResponse(reading_count=reading_count, prediction=prediction)
