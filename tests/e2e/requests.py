# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Requests with known answers, and calls that go wrong beside them."""

from typing import Any

import grpc
from argosy.nlp.v1.nlp_pb2 import ClassifyRequest as TextRequest
from argosy.recommendation.v1.recommendation_pb2 import Interaction
from argosy.speech.v1.speech_pb2 import Audio
from argosy.speech.v1.speech_pb2 import ClassifyRequest as AudioRequest
from argosy.tabular.v1.tabular_pb2 import PredictRequest, Row
from argosy.vision.v1.vision_pb2 import ClassifyRequest as ImageRequest
from argosy.vision.v1.vision_pb2 import Image, RawImage
from argosy_client.demo.compare import difference
from argosy_client.demo.samples import Sample, as_dict, samples

from tests.e2e.wire import Outcome, begin, finish, send
from tests.support.fleet import MODELS

IMAGES = "/argosy.vision.v1.VisionService/Classify"
CLIPS = "/argosy.speech.v1.SpeechService/Classify"
TEXTS = "/argosy.nlp.v1.NlpService/Classify"
ROWS = "/argosy.tabular.v1.TabularService/Predict"
ITEMS = "/argosy.recommendation.v1.RecommendationService"

#: A digit and a word with known labels, "7" and "yes".
SEVEN = (MODELS / "vision/digits/golden/seven.png").read_bytes()
YES = (MODELS / "speech/commands/golden/yes.wav").read_bytes()
#: A row of the tabular model.
FEATURES = {
    "age": 52.0, "sex": 1.0, "bmi": 24.0, "bp": 83.0, "s1": 167.0,
    "s2": 86.6, "s3": 71.0, "s4": 2.0, "s5": 3.8501, "s6": 94.0,
}  # fmt: skip

GOOD = {sample.domain: sample for sample in samples()}


def images(*encoded: bytes, **fields: Any) -> ImageRequest:
    """A request of image files."""
    return ImageRequest(images=[Image(encoded=one) for one in encoded], **fields)


def pixels(data: bytes, height: int, width: int, channels: int = 1) -> ImageRequest:
    """A request of one raw image."""
    return ImageRequest(images=[Image(raw=RawImage(data=data, height=height, width=width, channels=channels))])


def clip(encoded: bytes) -> AudioRequest:
    """A request of an audio file."""
    return AudioRequest(audio=Audio(encoded=encoded))


def texts(*each: str) -> TextRequest:
    """A request of texts."""
    return TextRequest(texts=each)


def row(**changed: float) -> PredictRequest:
    """A request of one row, some of whose features differ from a good one's."""
    return PredictRequest(rows=[Row(named={**FEATURES, **changed})])


def history(*item_ids: str) -> list[Interaction]:
    """A history of items."""
    return [Interaction(item_id=item_id) for item_id in item_ids]


def check_answer(sample: Sample, outcome: Outcome) -> None:
    """Fails unless the answer is the known one."""
    assert outcome.code is grpc.StatusCode.OK, (sample.domain, outcome.code, outcome.details)
    found = as_dict(sample.response_type.FromString(outcome.answer))
    assert not difference(sample.expected_dict(), found, sample.tolerance)


def send_beside_good_ones(
    channel: grpc.Channel, path: str, message: Any, *, over: grpc.Channel | None = None, **options: Any
) -> Outcome:
    """Makes a call among good ones of its domain, which must get their answers, as must one more afterwards.

    Args:
        channel: Where good calls go.
        path: What is called.
        message: What is sent; the same bytes as ever where it is a good call.
        over: Where the call goes, where it might break its connection.
        options: See ``wire.begin``.
    """
    domain = path.split(".")[1] if path.startswith("/argosy.") else "vision"
    sample = GOOD[domain]
    before = [begin(channel, sample.path, sample.message()) for _ in range(4)]
    call = begin(over or channel, path, message, **options)
    after = [begin(channel, sample.path, sample.message()) for _ in range(4)]
    outcome = finish(call)
    for good in (*before, *after):
        check_answer(sample, finish(good))
    check_answer(sample, send(channel, sample.path, sample.message()))
    return outcome
