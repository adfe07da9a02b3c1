# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Messages of all sizes up to the limit of 64 MiB; beyond 16 MiB only with ``x-model``."""

import grpc
import pytest

from tests.contract.gateway.calls import V2, VISION, call, classify, infer, open_channel
from tests.support.envoy import Gateway

MIB = 1 << 20
NAMED = [("x-model", "faces")]


@pytest.mark.parametrize("size", [1 * MIB, 15_000_000])
@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
def test_a_message_below_16_mib_needs_no_metadata(channel: grpc.Channel, size: int, gzip: bool) -> None:
    for model, replica in (("faces", "B"), ("digits", "A")):
        answer = call(channel, f"{VISION}/Classify", classify(model, size), gzip=gzip)
        assert answer.code == grpc.StatusCode.OK, answer
        assert answer.replica == replica
        assert int(answer.trailers["test-size"]) > size


@pytest.mark.parametrize("size", [15_000_000, 32 * MIB, 63 * MIB])
def test_a_message_of_any_size_passes_with_metadata(channel: grpc.Channel, size: int) -> None:
    answer = call(channel, f"{VISION}/Classify", classify("", size), metadata=NAMED)
    assert (answer.code, answer.replica) == (grpc.StatusCode.OK, "B")


@pytest.mark.parametrize("size", [17 * MIB, 32 * MIB, 63 * MIB])
def test_a_larger_message_without_metadata_is_told_to_set_it(channel: grpc.Channel, size: int) -> None:
    typed = call(channel, f"{VISION}/Classify", classify("faces", size))
    v2 = call(channel, f"{V2}/ModelInfer", infer("faces", size))
    for answer in (typed, v2):
        assert answer.refused()[:2] == ("FAILED_PRECONDITION", "X_MODEL_REQUIRED")
        assert "set the metadata x-model" in answer.details
        assert answer.problem.message == answer.details


def test_a_large_message_that_is_small_on_the_wire_passes(channel: grpc.Channel) -> None:
    answer = call(channel, f"{VISION}/Classify", classify("faces", 60 * MIB), gzip=True)
    assert (answer.code, answer.replica) == (grpc.StatusCode.OK, "B")


def test_refusals_do_not_wait_for_the_whole_message(channel: grpc.Channel) -> None:
    request = classify("zz", 63 * MIB)
    unknown = call(channel, f"{VISION}/Classify", request, metadata=[("x-model", "zz")])
    assert unknown.refused()[:2] == ("NOT_FOUND", "MODEL_NOT_FOUND")
    assert call(channel, f"{VISION}/Nope", request).refused()[:2] == ("UNIMPLEMENTED", "METHOD_UNKNOWN")
    slow = call(channel, f"{VISION}/Classify", request, metadata=[("x-model", "slow")])
    assert slow.refused()[:2] == ("UNAVAILABLE", "MODEL_NOT_READY")


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
def test_a_message_above_the_limit_is_refused(fleet_gateway: Gateway, gzip: bool) -> None:
    with open_channel(fleet_gateway.address, **{"grpc.max_send_message_length": 256 * MIB}) as channel:
        answer = call(channel, f"{VISION}/Classify", classify("", 65 * MIB), metadata=() if gzip else NAMED, gzip=gzip)
    assert answer.code == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_answers_may_be_as_large(channel: grpc.Channel) -> None:
    size = 63 * MIB
    answer = call(channel, f"{V2}/ModelInfer", infer("faces"), metadata=[("test-reply-size", str(size))])
    assert len(answer.one("inference.ModelInferResponse").raw_output_contents[0]) == size
