# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Bad requests through the whole fleet: each gets a reason that helps, and harms neither workers nor other callers.

Nothing restarts a worker of the shared fleet, so one that answers afterwards is the same process.
"""

from collections.abc import Callable
from typing import Any

import grpc
import numpy as np
import pytest
from argosy.recommendation.v1.recommendation_pb2 import (
    AttributeFilter,
    RecommendRequest,
    SimilarItemsRequest,
    SimilarItemsResponse,
)
from argosy.speech.v1.speech_pb2 import ClassifyResponse as AudioResponse
from argosy.tabular.v1.tabular_pb2 import PredictRequest, Row
from argosy.vision.v1.vision_pb2 import ClassifyResponse as ImageResponse

from tests.e2e.files import chunk, flac, png, read_wav, wav
from tests.e2e.requests import (
    CLIPS,
    FEATURES,
    IMAGES,
    ITEMS,
    ROWS,
    SEVEN,
    TEXTS,
    YES,
    clip,
    history,
    images,
    pixels,
    row,
    send_beside_good_ones,
    texts,
)
from tests.e2e.wire import send

SAMPLES, RATE = read_wav(YES)
TEN_MINUTES = np.zeros(600 * RATE, np.int16)
MISNAMED = {("bmx" if name == "bmi" else name): value for name, value in FEATURES.items()}

INVALID = {
    "image that is cut short": (IMAGES, lambda: images(SEVEN[: len(SEVEN) // 2]), "IMAGE_CORRUPT", "cut short"),
    "image with a flipped byte": (
        IMAGES,
        lambda: images(SEVEN[:100] + bytes([SEVEN[100] ^ 255]) + SEVEN[101:]),
        "IMAGE_CORRUPT",
        "checksum",
    ),
    "image without a byte": (IMAGES, lambda: images(b""), "IMAGE_EMPTY", "send a PNG, JPEG, WebP or BMP"),
    "one bad image among good ones": (IMAGES, lambda: images(SEVEN, SEVEN, b"?"), "IMAGE_FORMAT_UNSUPPORTED", "[2]"),
    "image of 2,500 million pixels": (
        IMAGES,
        lambda: images(png(50_000, 50_000, b"")),
        "IMAGE_TOO_LARGE",
        "50000 x 50000",
    ),
    "GIF": (IMAGES, lambda: images(b"GIF89a" + bytes(64)), "IMAGE_FORMAT_UNSUPPORTED", "send a PNG"),
    "TIFF": (IMAGES, lambda: images(b"II*\0" + bytes(64)), "IMAGE_FORMAT_UNSUPPORTED", "send a PNG"),
    "text for an image": (IMAGES, lambda: images(b"seven"), "IMAGE_FORMAT_UNSUPPORTED", "send a PNG"),
    "pixels that contradict their shape": (
        IMAGES,
        lambda: pixels(bytes(100), 28, 28),
        "PIXELS_MISMATCH",
        "needs 784 bytes of data, and 100 were sent",
    ),
    "negative sides": (IMAGES, lambda: pixels(bytes(100), -10, -10), "PIXELS_MISMATCH", "height -10"),
    "sides whose product overflows": (IMAGES, lambda: pixels(b"", 2**31 - 1, 2**31 - 1), "PIXELS_MISMATCH", "and 0"),
    "no image": (IMAGES, lambda: images(), "NO_ITEMS", "send at least one"),
    "more images than the limit": (IMAGES, lambda: images(*[SEVEN] * 257), "TOO_MANY_ITEMS", "at most 256"),
    "negative top_k": (IMAGES, lambda: images(SEVEN, top_k=-1), "TOP_K_NEGATIVE", "at least 0"),
    "clip of ten minutes": (CLIPS, lambda: clip(wav(TEN_MINUTES[::2], 8000)), "AUDIO_TOO_LONG", "60 seconds"),
    "small file of ten minutes": (CLIPS, lambda: clip(flac(TEN_MINUTES, RATE)), "AUDIO_TOO_LONG", "60 seconds"),
    "clip without samples": (CLIPS, lambda: clip(wav(SAMPLES[:0], RATE)), "AUDIO_EMPTY", "no samples"),
    "clip whose header claims no samples": (
        CLIPS,
        lambda: clip(wav(SAMPLES, RATE, claimed_bytes=0)),
        "AUDIO_EMPTY",
        "no samples",
    ),
    "clip cut in its header": (CLIPS, lambda: clip(YES[:20]), "AUDIO_CORRUPT", "damaged or cut short"),
    "text for a clip": (CLIPS, lambda: clip(b"yes"), "AUDIO_FORMAT_UNSUPPORTED", "send a WAV"),
    "empty text": (TEXTS, lambda: texts(""), "TEXT_EMPTY", "texts[0]"),
    "text of 1 MB": (TEXTS, lambda: texts("fine", "a " * 500_000), "TEXT_TOO_LONG", "texts[1]"),
    "NaN for a feature": (ROWS, lambda: row(bmi=float("nan")), "VALUE_NOT_FINITE", "'bmi' is nan"),
    "infinite feature": (ROWS, lambda: row(s6=float("-inf")), "VALUE_NOT_FINITE", "'s6' is -inf"),
    "feature beyond float32": (ROWS, lambda: row(bmi=1e300), "VALUE_OUT_OF_RANGE", "'bmi' is 1e+300"),
    "feature on which the model overflows": (ROWS, lambda: row(bmi=3e38), "OUTPUT_NOT_FINITE", "beyond what it can"),
    "misnamed feature": (ROWS, lambda: PredictRequest(rows=[Row(named=MISNAMED)]), "FEATURE_UNKNOWN", "bmx"),
    "too few features": (ROWS, lambda: PredictRequest(rows=[Row(values=[1.0])]), "SHAPE_MISMATCH", "10 features"),
    "unknown item": (f"{ITEMS}/SimilarItems", lambda: SimilarItemsRequest(item_id="nope"), "ITEM_UNKNOWN", "'nope'"),
    "unknown item of a history": (
        f"{ITEMS}/Recommend",
        lambda: RecommendRequest(history=history("mystery-07", "nope")),
        "ITEM_UNKNOWN",
        "history[1]",
    ),
    "endless item": (
        f"{ITEMS}/SimilarItems",
        lambda: SimilarItemsRequest(item_id="\N{GRINNING FACE}" * 100_000),
        "ITEM_UNKNOWN",
        "has no item",
    ),
    "filter by an unknown attribute": (
        f"{ITEMS}/Recommend",
        lambda: RecommendRequest(history=history("mystery-07"), filters=[AttributeFilter(attribute="x", values="y")]),
        "ATTRIBUTE_UNKNOWN",
        "they have genre",
    ),
    "filter without values": (
        f"{ITEMS}/Recommend",
        lambda: RecommendRequest(history=history("mystery-07"), filters=[AttributeFilter(attribute="genre")]),
        "NO_ITEMS",
        "filters[0].values",
    ),
    "21 reasons": (
        f"{ITEMS}/Recommend",
        lambda: RecommendRequest(history=history("mystery-07"), reason_count=21),
        "REASON_COUNT_OUT_OF_RANGE",
        "from 0 to 20",
    ),
    "lowest top_k": (
        f"{ITEMS}/SimilarItems",
        lambda: SimilarItemsRequest(item_id="mystery-07", top_k=-(2**31)),
        "TOP_K_NEGATIVE",
        "at least 0",
    ),
    "bytes that are no message": (IMAGES, lambda: b"\xff" * 64, "MESSAGE_MALFORMED", "not what the method takes"),
}


@pytest.mark.parametrize(("path", "make", "reason", "said"), INVALID.values(), ids=INVALID)
def test_what_cannot_be_served_is_an_invalid_argument(
    channel: grpc.Channel, path: str, make: Callable[[], Any], reason: str, said: str
) -> None:
    outcome = send_beside_good_ones(channel, path, make())
    assert outcome.refused() == ("INVALID_ARGUMENT", reason)
    assert said in outcome.details


@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    ("fields", "reason", "named"),
    [
        ({"model": "nope"}, "MODEL_NOT_FOUND", "nope"),
        ({"model": "sentiment"}, "MODEL_NOT_FOUND", "sentiment"),
        ({"version": "9"}, "VERSION_NOT_FOUND", "9"),
        ({"version": "canary"}, "VERSION_NOT_FOUND", "canary"),
        ({"version": "-1"}, "VERSION_NOT_FOUND", "-1"),
        ({"version": "9" * 5000}, "VERSION_NOT_FOUND", "9"),
    ],
    ids=["model", "model of another domain", "version", "label", "negative version", "endless version"],
)
def test_what_does_not_exist_is_not_found(
    channel: grpc.Channel, fields: dict[str, str], reason: str, named: str, compressed: bool
) -> None:
    outcome = send_beside_good_ones(channel, IMAGES, images(SEVEN, **fields), gzip=compressed)
    assert outcome.refused() == ("NOT_FOUND", reason)
    assert named in outcome.details


@pytest.mark.parametrize("path", [f"{IMAGES}All", "/argosy.vision.v1.NoService/Classify", "/", "//", "/a/b/c"])
def test_methods_and_services_that_do_not_exist_are_unimplemented(channel: grpc.Channel, path: str) -> None:
    outcome = send_beside_good_ones(channel, path, images(SEVEN))
    assert outcome.refused() == ("UNIMPLEMENTED", "METHOD_UNKNOWN")
    assert path in outcome.details


@pytest.mark.parametrize(
    "encoded",
    [
        png(7_000, 7_000, bytes(7_001 * 7_000)),
        png(28, 28, bytes(100_000_000)),
        png(28, 28, bytes(29 * 28), before=chunk(b"zTXt", b"note\0\0" + SEVEN)),
    ],
    ids=["49 million pixels in 48 kB", "100 MB behind a small header", "compressed note"],
)
def test_images_that_unpack_to_much_are_answered_or_refused_without_harm(channel: grpc.Channel, encoded: bytes) -> None:
    outcome = send_beside_good_ones(channel, IMAGES, images(encoded))
    assert outcome.code is grpc.StatusCode.OK or outcome.refused() == ("INVALID_ARGUMENT", "IMAGE_CORRUPT")


def resampled(factor: int) -> Any:
    """The sample at a multiple of its rate, in two channels whose mean it is."""
    places = np.arange(len(SAMPLES) * factor) / factor
    mono = np.interp(places, np.arange(len(SAMPLES)), SAMPLES)
    return np.stack([mono * 0.5, mono * 1.5], axis=1).clip(-32768, 32767).round().astype(np.int16)


@pytest.mark.parametrize(
    "encoded",
    [
        wav(SAMPLES, RATE, claimed_bytes=2**31),
        wav(SAMPLES, RATE, claimed_bytes=2**32 - 1),
        wav(resampled(6), 96_000),
        flac(SAMPLES, RATE),
    ],
    ids=["header claims 2 GiB", "header claims 4 GiB", "96 kHz in stereo", "FLAC"],
)
def test_the_same_sound_in_another_form_has_the_same_label(channel: grpc.Channel, encoded: bytes) -> None:
    outcome = send_beside_good_ones(channel, CLIPS, clip(encoded))
    assert outcome.code is grpc.StatusCode.OK, outcome.details
    assert AudioResponse.FromString(outcome.answer).labels[0].label == "yes"


@pytest.mark.parametrize(
    "text",
    ["\N{GRINNING FACE}\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-4}", "xyzzy plugh", "a\0b", "\u202eneg"],
    ids=["emoji", "unknown words", "NUL", "right to left"],
)
def test_strange_texts_are_answered(channel: grpc.Channel, text: str) -> None:
    assert send_beside_good_ones(channel, TEXTS, texts(text)).code is grpc.StatusCode.OK


@pytest.mark.parametrize(("top_k", "count"), [(0, 10), (1, 1), (10**9, 119)])
def test_top_k_of_zero_is_the_default_and_one_beyond_the_catalogue_is_all(
    channel: grpc.Channel, top_k: int, count: int
) -> None:
    request = SimilarItemsRequest(item_id="mystery-07", top_k=top_k)
    outcome = send_beside_good_ones(channel, f"{ITEMS}/SimilarItems", request)
    assert len(SimilarItemsResponse.FromString(outcome.answer).items) == count


@pytest.mark.parametrize("metadata", [(), (("x-model", "digits"),)], ids=["no header", "x-model"])
def test_gzip_is_accepted(channel: grpc.Channel, metadata: tuple[tuple[str, str], ...]) -> None:
    outcome = send_beside_good_ones(channel, IMAGES, images(SEVEN), gzip=True, metadata=metadata)
    assert ImageResponse.FromString(outcome.answer).results[0].labels[0].label == "7"


def test_a_message_over_the_limit_is_refused_with_the_limit(channel: grpc.Channel) -> None:
    outcome = send_beside_good_ones(channel, IMAGES, images(bytes(64 << 20)), metadata=[("x-model", "digits")])
    assert outcome.refused() == ("RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE")
    assert str(64 << 20) in outcome.details


def test_a_message_whose_model_must_be_looked_for_is_refused_above_16_mib(channel: grpc.Channel) -> None:
    outcome = send_beside_good_ones(channel, IMAGES, images(bytes(17 << 20)))
    assert outcome.refused() == ("FAILED_PRECONDITION", "X_MODEL_REQUIRED")
    assert "set the metadata x-model" in outcome.details


@pytest.mark.parametrize("metadata", [(), (("x-model", "digits"),)], ids=["no header", "x-model"])
def test_a_message_that_unpacks_to_more_than_the_limit_is_refused(
    channel: grpc.Channel, metadata: tuple[tuple[str, str], ...]
) -> None:
    request = images(bytes(100 << 20))
    outcome = send_beside_good_ones(channel, IMAGES, request, gzip=True, metadata=metadata)
    assert outcome.code is grpc.StatusCode.RESOURCE_EXHAUSTED, outcome.details


@pytest.mark.parametrize("timeout", [-1.0, 1e-9, 1e-4])
def test_a_deadline_that_has_passed_ends_the_call(channel: grpc.Channel, timeout: float) -> None:
    outcome = send_beside_good_ones(channel, IMAGES, images(*[SEVEN] * 256), timeout=timeout)
    assert outcome.code is grpc.StatusCode.DEADLINE_EXCEEDED


def test_header_and_message_that_name_different_models_are_refused(channel: grpc.Channel) -> None:
    request, metadata = images(SEVEN, model="faces"), [("x-model", "digits")]
    outcome = send_beside_good_ones(channel, IMAGES, request, metadata=metadata)
    assert outcome.refused() == ("INVALID_ARGUMENT", "MODEL_MISMATCH")
    assert "faces" in outcome.details


def test_every_answer_to_a_bad_request_says_which_worker_gave_it(channel: grpc.Channel) -> None:
    assert send(channel, IMAGES, images(b"?")).trailers["argosy-replica"]
