# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from typing import Any

import numpy as np
from argosy.speech.v1 import speech_pb2
from argosy_client.calls import Call
from argosy_client.evaluation import asking
from argosy_client.results import Label, Timing
from argosy_client.tabular_results import TabularResult


def test_each_clip_is_recognised_by_the_model_that_is_measured() -> None:
    asked: list[Any] = []

    def send(call: Call[str]) -> str:
        asked.append(call.request)
        heard = speech_pb2.RecognizeResponse()
        if call.request.audio.encoded == b"loud":
            heard.transcripts.add(text="turn it down")
        return call.read(heard, Timing(1.0))

    assert asking.transcripts(send, "words", "2", [b"loud", b"silent"]) == ["turn it down", ""]
    assert {(request.model, request.version) for request in asked} == {("words", "2")}


def test_scores_stand_at_the_place_of_their_class() -> None:
    timing = Timing(1.0)
    classes = (Label("b", 1, 0.75), Label("a", 0, 0.25))
    results = [TabularResult((), classes, "m", "1", timing), TabularResult((), classes[::-1], "m", "1", timing)]
    np.testing.assert_array_equal(asking.scores(results, 3), [[0.25, 0.75, 0.0]] * 2)
    assert asking.scores(results, 0).shape == (2, 2)
