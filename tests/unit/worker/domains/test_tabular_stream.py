# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Tabular: a window slides over readings as they arrive."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import numpy as np
import pytest
from argosy.tabular.v1 import tabular_pb2 as pb
from argosy_worker.domains.tabular import stream as module
from argosy_worker.domains.tabular.features import Items
from argosy_worker.domains.tabular.service import DOMAIN
from argosy_worker.domains.tabular.stream import SlidingWindow, predict_stream
from argosy_worker.errors import InvalidInput

from tests.unit.worker.domains.fakes import FakeCall, fake_call, loaded
from tests.unit.worker.domains.test_tabular import config, regression, sequences

#: What a stream answers: the number of the reading, and the values or the reason of an error.
Answers = list[tuple[int, Any]]


def windows_of_three() -> FakeCall:
    """Answers with the first value of each window, and the sum of all."""
    graph = loaded(config(sequences=True), {"x": (-1, 3, 2)}, {"y": (-1, 2)})

    def run(inputs: Any) -> Any:
        return {"y": np.stack([inputs["x"][:, 0, 0], inputs["x"].sum(axis=(1, 2))], axis=1)}

    return fake_call(DOMAIN, graph, run)


def begin(**settings: int) -> pb.PredictStreamRequest:
    return pb.PredictStreamRequest(config=pb.PredictStreamConfig(**settings))


def readings(*values: float) -> pb.PredictStreamRequest:
    """Readings (value, 0)."""
    rows = [pb.Row(values=[value, 0]) for value in values]
    return pb.PredictStreamRequest(readings=pb.Readings(rows=rows))


async def answers(call: FakeCall, *messages: pb.PredictStreamRequest) -> Answers:
    async def others() -> AsyncIterator[pb.PredictStreamRequest]:
        for message in messages[1:]:
            yield message

    return [
        (one.reading_count, one.prediction.error.reason or list(one.prediction.values))
        async for one in predict_stream(messages[0], others(), call)
    ]


async def refused(call: FakeCall, *messages: pb.PredictStreamRequest) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        await answers(call, *messages)
    return caught.value


@pytest.mark.parametrize("cuts", [[1] * 10, [10], [2, 3, 5], [4, 1, 5]])
@pytest.mark.parametrize(
    ("step", "starts"), [(0, [0, 1, 2, 3, 4, 5, 6, 7]), (1, [0, 1, 2, 3, 4, 5, 6, 7]), (3, [0, 3, 6]), (5, [0, 5])]
)
async def test_the_windows_do_not_depend_on_how_readings_are_put_into_messages(
    cuts: Sequence[int], step: int, starts: list[int]
) -> None:
    values = iter(range(10))
    messages = [readings(*[next(values) for _ in range(cut)]) for cut in cuts]

    found = await answers(windows_of_three(), begin(step=step), *messages)

    assert found == [(start + 3, [start, 3 * start + 3]) for start in starts]


async def test_a_verdict_comes_with_the_reading_that_completes_a_step() -> None:
    asked = 0

    async def others() -> AsyncIterator[pb.PredictStreamRequest]:
        nonlocal asked
        for value in range(6):
            asked += 1
            yield readings(value)

    seen = [(one.reading_count, asked) async for one in predict_stream(begin(), others(), windows_of_three())]

    assert seen == [(3, 3), (4, 4), (5, 5), (6, 6)]


async def test_a_reading_that_cannot_be_used_is_told_and_left_out_of_the_window() -> None:
    bad = float("nan")

    found = await answers(windows_of_three(), begin(), readings(bad, 1, 2, bad, 3, bad), readings(4, bad), readings(5))

    nan = "VALUE_NOT_FINITE"
    assert found == [(1, nan), (4, nan), (5, [1, 6]), (6, nan), (7, [2, 9]), (8, nan), (9, [3, 12])]


async def test_wrong_names_and_lengths_are_told_reading_by_reading() -> None:
    rows = [pb.Row(named={"a": 1, "bb": 2}), pb.Row(values=[1]), pb.Row(), pb.Row(values=[1, 2])]
    message = pb.PredictStreamRequest(readings=pb.Readings(rows=rows))

    found = await answers(regression(), begin(), message)

    assert found == [(1, "FEATURE_UNKNOWN"), (2, "SHAPE_MISMATCH"), (3, "ROW_EMPTY"), (4, [3.0])]


async def test_a_model_of_rows_has_a_window_of_one() -> None:
    assert await answers(regression(), begin(step=2), readings(1, 2, 3)) == [(1, [1.0]), (3, [3.0])]


async def test_a_model_of_any_length_takes_the_window_that_is_asked_for() -> None:
    assert await answers(sequences(), begin(window=2), readings(1, 2, 3)) == [(2, [3.0]), (3, [5.0])]


async def test_many_windows_of_one_message_run_in_several_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    call = windows_of_three()
    found = await answers(call, begin(), readings(*range(100)))
    assert [count for count, _ in found] == list(range(3, 101))
    assert [len(inputs["x"]) for inputs in call.ran] == [32, 32, 32, 2]

    monkeypatch.setattr(module, "_RUN_BYTES", 100)
    small = windows_of_three()
    assert await answers(small, begin(), readings(*range(100))) == found
    assert {len(inputs["x"]) for inputs in small.ran} == {2}


async def test_a_stream_that_stops_in_the_middle_just_ends() -> None:
    assert await answers(windows_of_three(), begin()) == []
    assert await answers(windows_of_three(), begin(), readings(1, 2)) == []


def test_a_stream_of_any_length_keeps_little_and_copies_seldom() -> None:
    window = SlidingWindow.of(pb.PredictStreamConfig(), windows_of_three().codec.features)
    for count in range(1, 10_001):
        window.slide(Items(np.full((1, 2), count), {}), 1)
        assert len(window.buffer) <= 6
    assert window.buffer[window.length - 3 : window.length, 0].tolist() == [9998, 9999, 10_000]

    window = SlidingWindow.of(pb.PredictStreamConfig(window=10_000, step=10_000), sequences().codec.features)
    copies = 0
    for _ in range(30_000):
        before = window.buffer
        window.slide(Items(np.zeros((1, 2)), {}), 1)
        copies += window.buffer is not before
    assert copies < 30
    assert len(window.buffer) <= 20_000


async def test_streams_keep_to_themselves() -> None:
    call = windows_of_three()
    first, second = predict_stream(begin(), feed(1), call), predict_stream(begin(), feed(100), call)
    seen = [[(await anext(stream)).prediction.values[0] for stream in (first, second)] for _ in range(3)]
    assert seen == [[1, 100], [2, 101], [3, 102]]


async def feed(start: int) -> AsyncIterator[pb.PredictStreamRequest]:
    for value in range(start, start + 6):
        yield readings(value)


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([readings(1)], "CONFIG_MISSING"),
        ([pb.PredictStreamRequest()], "CONFIG_MISSING"),
        ([begin(), readings(1), begin()], "CONFIG_REPEATED"),
        ([begin(), pb.PredictStreamRequest(model="other")], "READINGS_MISSING"),
        ([begin(), readings()], "NO_ITEMS"),
        ([begin(), readings(*range(10_001))], "TOO_MANY_ITEMS"),
        ([begin(step=-1)], "STEP_OUT_OF_RANGE"),
        ([begin(step=10_001)], "STEP_OUT_OF_RANGE"),
        ([begin(window=4)], "WINDOW_OUT_OF_RANGE"),
        ([begin(window=-3)], "WINDOW_OUT_OF_RANGE"),
    ],
)
async def test_bad_streams_are_refused(messages: list[pb.PredictStreamRequest], reason: str) -> None:
    call = windows_of_three()
    assert (await refused(call, *messages)).reason == reason
    assert not call.ran


@pytest.mark.parametrize(
    ("window", "reason"), [(0, "WINDOW_MISSING"), (10_001, "WINDOW_OUT_OF_RANGE"), (-1, "WINDOW_OUT_OF_RANGE")]
)
async def test_a_window_must_be_named_for_a_model_of_any_length(window: int, reason: str) -> None:
    assert (await refused(sequences(), begin(window=window))).reason == reason
