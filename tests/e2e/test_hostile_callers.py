# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Callers that break the protocol, leave early, or come in crowds: others get their answers all the same."""

from concurrent.futures import ThreadPoolExecutor

import grpc
import numpy as np
import pytest
from argosy.vision.v1.vision_pb2 import ClassifyRequest, ClassifyResponse, Image, RawImage
from numpy.typing import NDArray

from tests.e2e.requests import GOOD, IMAGES, SEVEN, check_answer, images, send_beside_good_ones
from tests.e2e.web import WebAnswer, frame, post
from tests.e2e.wire import begin, finish, open_channel, send
from tests.support.fleet import MODELS, FleetAddresses

SAMPLE = GOOD["vision"]
BODY = SAMPLE.message().SerializeToString()
TO_DIGITS = ("x-model", b"digits")


def post_beside_good_ones(fleet: FleetAddresses, channel: grpc.Channel, *request: object) -> WebAnswer:
    """Posts to the gateway among good calls; those after it have deadlines, so headers, that none had before."""
    with ThreadPoolExecutor(1) as pool:
        good = [begin(channel, SAMPLE.path, SAMPLE.message(), timeout=50 + n / 7) for n in range(4)]
        posting = pool.submit(post, fleet.gateway, *request)  # type: ignore[arg-type]
        good += [begin(channel, SAMPLE.path, SAMPLE.message(), timeout=70 + n / 7) for n in range(4)]
        answer = posting.result()
    good += [begin(channel, SAMPLE.path, SAMPLE.message(), timeout=90 + n / 7) for n in range(4)]
    for call in good:
        check_answer(SAMPLE, finish(call))
    return answer


@pytest.mark.parametrize("to_model", [(), (TO_DIGITS,)], ids=["no header", "x-model"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("grpc-timeout", b"soon"),
        ("grpc-timeout", b"-5S"),
        ("grpc-timeout", b"30"),
        ("grpc-encoding", b"br"),
        ("note-bin", b"!!! not base64"),
    ],
)
def test_headers_that_cannot_be_read_fail_the_call_that_has_them_and_no_other(
    fleet: FleetAddresses, channel: grpc.Channel, name: str, value: bytes, to_model: tuple[tuple[str, bytes], ...]
) -> None:
    answer = post_beside_good_ones(fleet, channel, IMAGES, frame(BODY), [(name, value), *to_model])
    assert answer.status not in ("", "0")
    assert not answer.messages


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (frame(BODY, length=2**32 - 1), [TO_DIGITS]),
        (frame(BODY, length=2**32 - 1), []),
        (frame(BODY, length=len(BODY) + 100), []),
        (frame(BODY, length=10), [TO_DIGITS]),
        (frame(BODY, flags=1), [TO_DIGITS]),
        (frame(b"not gzip", flags=1), [TO_DIGITS, ("grpc-encoding", b"gzip")]),
        (frame(b"not gzip", flags=1), [("grpc-encoding", b"gzip")]),
        (b"\0\0", []),
    ],
    ids=[
        "length of 4 GiB",
        "length of 4 GiB to be read",
        "length beyond the end",
        "length before the end",
        "compressed by nothing",
        "not gzip",
        "not gzip to be read",
        "cut prefix",
    ],
)
def test_broken_framing_fails_the_call_and_no_other(
    fleet: FleetAddresses, channel: grpc.Channel, body: bytes, headers: list[tuple[str, bytes]]
) -> None:
    answer = post_beside_good_ones(fleet, channel, IMAGES, body, headers)
    assert answer.status not in ("", "0")
    assert not answer.messages


@pytest.mark.parametrize(
    "value",
    [b"\xff\xfe", "digits\u00e9".encode(), b"a b", b"../../etc/passwd", b"%00", b"a" * 20_000],
    ids=["not UTF-8", "UTF-8", "space", "path", "percent", "endless"],
)
def test_a_model_header_of_any_bytes_names_an_unknown_model(
    fleet: FleetAddresses, channel: grpc.Channel, value: bytes
) -> None:
    answer = post_beside_good_ones(fleet, channel, IMAGES, frame(BODY), [("x-model", value)])
    assert answer.status == str(grpc.StatusCode.NOT_FOUND.value[0])


@pytest.mark.parametrize(
    "metadata",
    [[("note", "x" * 50_000)], [("note", "x" * 500_000)], [(f"note-{n}", "x") for n in range(500)]],
    ids=["50 kB", "500 kB", "500 headers"],
)
def test_huge_metadata_fails_the_call_and_no_other(
    fleet: FleetAddresses, channel: grpc.Channel, metadata: list[tuple[str, str]]
) -> None:
    # The gateway may close the connection of such a caller, which is its own.
    with open_channel(fleet.gateway) as own:
        outcome = send_beside_good_ones(channel, IMAGES, images(SEVEN), over=own, metadata=metadata)
    assert outcome.code is not grpc.StatusCode.OK
    assert not outcome.answer


def test_cancelling_some_calls_in_the_middle_of_a_batch_leaves_the_others_right(fleet: FleetAddresses) -> None:
    with np.load(MODELS / "vision/digits/heldout.npz") as held_out, open_channel(fleet.gateway) as channel:
        pictures = held_out["images"]
        requests = [_raw(pictures[n : n + 8]) for n in range(0, 320, 8)]
        alone = [_labels(send(channel, IMAGES, request).answer) for request in requests]
        calls = [begin(channel, IMAGES, request) for request in requests]
        for call in calls[1::2]:
            call.cancel()
        together = [finish(call) for call in calls]
    assert [_labels(outcome.answer) for outcome in together[::2]] == alone[::2]
    assert {outcome.code for outcome in together[1::2]} <= {grpc.StatusCode.CANCELLED, grpc.StatusCode.OK}


def _raw(pictures: NDArray[np.uint8]) -> ClassifyRequest:
    raw = [RawImage(data=picture.tobytes(), height=28, width=28, channels=1) for picture in pictures]
    return ClassifyRequest(images=[Image(raw=one) for one in raw])


def _labels(answer: bytes) -> list[str]:
    return [result.labels[0].label for result in ClassifyResponse.FromString(answer).results]


def test_a_caller_that_opens_and_cancels_thousands_of_calls_harms_nobody(
    fleet: FleetAddresses, channel: grpc.Channel
) -> None:
    with open_channel(fleet.gateway) as own:
        method = own.unary_unary(IMAGES)
        good = []
        for n in range(5_000):
            method.future(BODY, timeout=60).cancel()
            if n % 100 == 0:
                good.append(begin(channel, SAMPLE.path, SAMPLE.message()))
        for call in good:
            check_answer(SAMPLE, finish(call))
        check_answer(SAMPLE, send(own, SAMPLE.path, SAMPLE.message()))


def test_more_calls_than_a_connection_takes_at_once_are_all_answered(fleet: FleetAddresses) -> None:
    with open_channel(fleet.gateway) as own:
        calls = [begin(own, SAMPLE.path, SAMPLE.message()) for _ in range(1_500)]
        for call in calls:
            check_answer(SAMPLE, finish(call))
