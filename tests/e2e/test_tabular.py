# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Streams, explanations and rows that fail alone, through the gateway."""

import queue
import threading
import time
from collections.abc import Iterator
from typing import Any

import grpc
import numpy as np
import pytest
from argosy.common.v1.explanation_pb2 import ExplanationOptions
from argosy.tabular.v1.tabular_pb2 import (
    ExplainRequest,
    PredictStreamConfig,
    PredictStreamRequest,
    PredictStreamResponse,
    Readings,
    Row,
)
from argosy_client import Argosy
from numpy.typing import NDArray

from tests.e2e.requests import FEATURES
from tests.e2e.wire import PATIENCE_S, Outcome, finish, send
from tests.support.fleet import MODELS

SERVICE = "/argosy.tabular.v1.TabularService"
STREAM, EXPLAIN = f"{SERVICE}/PredictStream", f"{SERVICE}/Explain"
NAN = float("nan")


def held_out(model: str) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    with np.load(MODELS / f"tabular/{model}/heldout.npz") as found:
        return found["windows"], found["labels"]


WINDOWS, FAULTS = held_out("machine_health")
HEALTHY, BLOCKED = WINDOWS[FAULTS == 0][0], WINDOWS[FAULTS == 3][0]


class Stream:
    """A stream whose messages are sent when a test says so, and whose answers are seen as they come."""

    def __init__(self, channel: grpc.Channel, model: str | None = "machine_health") -> None:
        self._messages: queue.Queue[PredictStreamRequest | None] = queue.Queue()
        self._answers: queue.Queue[PredictStreamResponse] = queue.Queue()
        self._call = channel.stream_stream(
            STREAM, PredictStreamRequest.SerializeToString, PredictStreamResponse.FromString
        )(iter(self._messages.get, None), metadata=[("x-model", model)] if model else [], timeout=PATIENCE_S)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        try:
            for answer in self._call:
                self._answers.put(answer)
        except grpc.RpcError:  # its outcome tells
            return

    def begin(self, **settings: int) -> "Stream":
        self._messages.put(PredictStreamRequest(config=PredictStreamConfig(**settings)))
        return self

    def send(self, *rows: Any) -> "Stream":
        """Sends readings in one message."""
        made = [Row(named=row) if isinstance(row, dict) else Row(values=row) for row in rows]
        self._messages.put(PredictStreamRequest(readings=Readings(rows=made)))
        return self

    def send_raw(self, message: PredictStreamRequest) -> "Stream":
        self._messages.put(message)
        return self

    def answer(self) -> PredictStreamResponse:
        """The next answer."""
        return self._answers.get(timeout=PATIENCE_S)

    def end(self) -> list[PredictStreamResponse]:
        """Sends no more; what is still answered."""
        self._messages.put(None)
        self._listener.join(PATIENCE_S)
        assert not self._listener.is_alive(), "the stream does not end"
        return list(self._answers.queue)

    def outcome(self) -> Outcome:
        """How the stream ended."""
        self.end()
        self._call.result = lambda: b""
        return finish(self._call)

    def cancel(self) -> None:
        self._call.cancel()
        self._messages.put(None)


def test_a_verdict_comes_within_one_step_of_the_reading(channel: grpc.Channel) -> None:
    stream = Stream(channel).begin(step=2).send(*BLOCKED.tolist())
    first = stream.answer()
    assert (first.model, first.version, first.reading_count) == ("machine_health", "1", 60)
    for count in (62, 64):
        stream.send(BLOCKED[-1].tolist()).send(BLOCKED[-1].tolist())
        answer = stream.answer()  # comes before anything else is sent
        assert answer.reading_count == count
        assert answer.prediction.classes[0].label
    assert stream.end() == []
    assert stream.outcome().code is grpc.StatusCode.OK


def test_a_stream_says_what_predict_says_of_the_same_windows(argosy: Argosy) -> None:
    readings = np.concatenate([HEALTHY, BLOCKED])
    streamed = list(argosy.tabular.predict_stream((row for row in readings), step=20, model="anomaly"))

    expected = argosy.tabular.predict(
        np.stack([readings[end - 60 : end] for end in (60, 80, 100, 120)]), model="anomaly"
    )
    assert [each.reading_count for each in streamed] == [60, 80, 100, 120]
    for one, other in zip(streamed, expected, strict=True):
        assert one.result.anomaly is not None
        assert other.anomaly is not None
        assert one.result.anomaly.score == pytest.approx(other.anomaly.score, rel=1e-4)


def test_readings_that_cannot_be_used_are_left_out_of_the_window(channel: grpc.Channel) -> None:
    bad = [{"speed": 1.0, "sped": 2.0}, [1.0], [NAN] * 7]
    stream = Stream(channel, "anomaly").begin().send(*bad, *HEALTHY[:59].tolist())
    assert [(one.reading_count, one.prediction.error.reason) for one in (stream.answer() for _ in bad)] == [
        (1, "FEATURE_UNKNOWN"),
        (2, "SHAPE_MISMATCH"),
        (3, "VALUE_NOT_FINITE"),
    ]
    (last,) = stream.send(HEALTHY[59].tolist()).end()
    assert last.reading_count == 63
    assert last.prediction.anomaly.threshold > 0


@pytest.mark.parametrize(("named", "answers"), [("", "machine_health"), ("anomaly", "anomaly")])
def test_the_first_message_names_the_model_or_the_default_one_answers(
    channel: grpc.Channel, named: str, answers: str
) -> None:
    stream = Stream(channel, None).send_raw(PredictStreamRequest(model=named, config=PredictStreamConfig()))
    (answer,) = stream.send(*HEALTHY.tolist()).end()
    assert answer.model == answers


CONFIG = PredictStreamRequest(config=PredictStreamConfig())
BAD_STREAMS = {
    "nothing at all": ([], "STREAM_EMPTY"),
    "no config": ([PredictStreamRequest(readings=Readings(rows=[Row(values=[1] * 7)]))], "CONFIG_MISSING"),
    "config twice": ([CONFIG, CONFIG], "CONFIG_REPEATED"),
    "neither config nor readings": ([CONFIG, PredictStreamRequest()], "READINGS_MISSING"),
    "no rows": ([CONFIG, PredictStreamRequest(readings=Readings())], "NO_ITEMS"),
    "too many rows": ([CONFIG, PredictStreamRequest(readings=Readings(rows=[Row()] * 10_001))], "TOO_MANY_ITEMS"),
    "a step beyond the limit": ([PredictStreamRequest(config=PredictStreamConfig(step=10_001))], "STEP_OUT_OF_RANGE"),
    "another window": ([PredictStreamRequest(config=PredictStreamConfig(window=61))], "WINDOW_OUT_OF_RANGE"),
    "another version": ([PredictStreamRequest(version="7", config=PredictStreamConfig())], "VERSION_NOT_FOUND"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_STREAMS)
def test_a_bad_stream_is_refused_and_those_beside_it_go_on(channel: grpc.Channel, name: str) -> None:
    messages, reason = BAD_STREAMS[name]
    beside = Stream(channel).begin().send(*HEALTHY[:59].tolist())

    bad = Stream(channel)
    for message in messages:
        bad.send_raw(message)
    code, found = bad.outcome().refused()

    assert (code, found) == ("NOT_FOUND" if "VERSION" in reason else "INVALID_ARGUMENT", reason)
    assert beside.send(HEALTHY[59].tolist()).answer().reading_count == 60
    beside.end()


def test_a_stream_that_is_left_in_the_middle_harms_nobody(channel: grpc.Channel) -> None:
    left = Stream(channel).begin().send(*HEALTHY.tolist())
    assert left.answer().reading_count == 60
    left.send(*HEALTHY[:30].tolist()).cancel()
    assert left.outcome().code is grpc.StatusCode.CANCELLED
    assert Stream(channel).begin().send(*HEALTHY.tolist()).answer().reading_count == 60


def test_one_row_a_message_and_an_idle_stream_between_others(channel: grpc.Channel) -> None:
    idle = Stream(channel).begin(step=60)
    for row in HEALTHY[:30].tolist():
        idle.send(row)
    until = time.monotonic() + 1.0
    while time.monotonic() < until:
        assert Stream(channel).begin(step=60).send(*BLOCKED.tolist()).end()[0].reading_count == 60
    for row in HEALTHY[30:].tolist():
        idle.send(row)
    (verdict,) = idle.end()
    assert (verdict.reading_count, verdict.prediction.classes[0].label) == (60, "healthy")


def test_missing_readings_are_imputed_where_the_model_declares_it_and_reported_where_not(argosy: Argosy) -> None:
    holes = np.stack([HEALTHY, HEALTHY])
    holes[1, 10, 2] = NAN
    whole, imputed = argosy.tabular.predict(holes, model="machine_health")
    assert imputed.error is None
    assert imputed.classes[0].label == whole.classes[0].label == "healthy"

    whole, refused = argosy.tabular.predict(holes, model="anomaly", report_errors=True)
    assert whole.anomaly is not None
    assert refused.error is not None
    assert refused.error.reason == "VALUE_NOT_FINITE"
    assert "sequence 1, timestep 10: feature 'current'" in refused.error.message


def test_words_that_a_row_does_not_name_count_as_absent(argosy: Argosy) -> None:
    result = argosy.tabular.predict({"judge": 1.0, "verdict": 1.0, "the": 2.0}, model="mlp")
    assert result.classes[0].label == "law"


def test_the_words_that_decide_are_found(argosy: Argosy) -> None:
    words = {"judge": 1.0, "verdict": 1.0, "the": 3.0, "was": 2.0, "onion": 1.0}
    found = argosy.tabular.explain(words, model="mlp", target="law")

    parts = {each.feature: each.attribution for each in found.features if each.attribution}
    assert set(parts) <= set(words)
    assert sorted(parts, key=lambda word: -parts[word])[:2] == ["judge", "verdict"] or parts["judge"] > 0.1
    assert parts["onion"] < 0
    assert found.summary.additivity_gap == pytest.approx(0, abs=1e-6)
    assert found.summary.fidelity is not None
    assert found.summary.fidelity > 0.3


@pytest.mark.parametrize(("fault", "sensors"), [(1, {"vibration"}), (3, {"bearing_temperature"}), (4, {"vibration"})])
def test_the_sensors_that_show_a_planted_fault_are_found(argosy: Argosy, fault: int, sensors: set[str]) -> None:
    some = WINDOWS[fault == FAULTS]
    verdicts = argosy.tabular.predict(some, model="machine_health")
    right = [window for window, verdict in zip(some, verdicts, strict=True) if verdict.classes[0].index == fault]

    found = [argosy.tabular.explain(window, model="machine_health", picture=True) for window in right[:6]]

    assert {one.summary.target for one in found} == {verdicts[0].classes[0].label}
    parts = np.mean([[each.attribution for each in one.features] for one in found], axis=0)
    names = [each.feature for each in found[0].features]
    assert {names[place] for place in np.argsort(-parts)[: len(sensors)]} == sensors, dict(
        zip(names, parts, strict=True)
    )
    assert all(one.summary.rendering and one.summary.rendering.data.startswith(b"\x89PNG") for one in found)


def test_an_explanation_of_absurd_cost_is_refused_with_the_estimate(channel: grpc.Channel) -> None:
    request = ExplainRequest(row=Row(named=FEATURES), options=ExplanationOptions(max_evaluations=100))
    refused = send(channel, EXPLAIN, request)
    assert refused.refused() == ("INVALID_ARGUMENT", "EXPLANATION_TOO_COSTLY")
    assert int(refused.problem.metadata["evaluations"]) > 100
    request.options.max_evaluations = 2**31 - 1
    assert send(channel, EXPLAIN, request).refused() == ("INVALID_ARGUMENT", "EVALUATIONS_OUT_OF_RANGE")


def test_many_streams_at_a_time_each_get_their_own_verdict(channel: grpc.Channel) -> None:
    streams = [Stream(channel).begin(step=60) for _ in range(16)]
    for start in range(0, 60, 10):
        for number, stream in enumerate(streams):
            stream.send(*(HEALTHY, BLOCKED)[number % 2][start : start + 10].tolist())

    def labels() -> Iterator[str]:
        for stream in streams:
            (verdict,) = stream.end()
            yield verdict.prediction.classes[0].label

    assert len(set(list(labels())[::2])) == 1
