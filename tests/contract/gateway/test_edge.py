# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the gateway takes from and adds to calls from outside."""

import base64
import json
import struct
import urllib.request
from typing import Any

import grpc
import pytest
from argosy.status import DETAILS_KEY
from argosy_gateway.listener import IDENTITY_HEADERS
from google.rpc.status_pb2 import Status

from tests.contract.gateway.calls import VISION, Answer, call, classify, infer, open_channel
from tests.contract.gateway.standin import message
from tests.support.envoy import Gateway

V2_INFER = "/inference.GRPCInferenceService/ModelInfer"


def seen(answer: Answer) -> dict[str, Any]:
    """The metadata that the worker saw."""
    assert answer.code == grpc.StatusCode.OK, answer
    found: dict[str, Any] = json.loads(answer.trailers["test-seen"])
    return found


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "through the front"])
@pytest.mark.parametrize("named", [(), (("x-model", "faces"),)], ids=["by message", "by header"])
def test_identity_from_outside_never_reaches_a_worker(
    channel: grpc.Channel, named: tuple[tuple[str, str], ...], gzip: bool
) -> None:
    forged = [(name, "forged") for name in IDENTITY_HEADERS]
    answer = call(channel, f"{VISION}/Classify", classify("faces"), metadata=[*forged, *named], gzip=gzip)
    assert not set(IDENTITY_HEADERS) & seen(answer).keys()


def test_callers_cannot_steer_envoy(fleet_gateway: Gateway) -> None:
    before = fleet_gateway.stats("upstream_rq_retry$")
    with open_channel(fleet_gateway.address) as channel:
        steering = [
            ("x-envoy-max-retries", "9"),
            ("x-envoy-retry-on", "5xx,reset"),
            ("x-envoy-retry-grpc-on", "internal"),
        ]
        metadata = [*steering, ("test-do", "fail:INTERNAL"), ("x-model", "faces")]
        assert call(channel, f"{VISION}/Classify", classify(), metadata=metadata).code == grpc.StatusCode.INTERNAL
    assert fleet_gateway.stats("upstream_rq_retry$") == before


def test_a_request_id_is_made_where_there_is_none_and_kept_where_there_is(channel: grpc.Channel) -> None:
    made = seen(call(channel, f"{VISION}/Classify", classify("faces")))["x-request-id"]
    again = seen(call(channel, f"{VISION}/Classify", classify("faces")))["x-request-id"]
    assert made
    assert made != again
    metadata = [("x-request-id", "mine-1")]
    assert seen(call(channel, f"{VISION}/Classify", classify("faces"), metadata=metadata))["x-request-id"] == "mine-1"


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "through the front"])
def test_the_deadline_reaches_the_worker(channel: grpc.Channel, gzip: bool) -> None:
    remaining = float(seen(call(channel, f"{VISION}/Classify", classify("faces"), gzip=gzip, timeout=7))["deadline"])
    assert 5 < remaining < 7.1


def test_an_expired_deadline_ends_the_call(channel: grpc.Channel) -> None:
    answer = call(channel, f"{VISION}/Classify", classify("faces"), metadata=[("test-do", "sleep:5")], timeout=0.2)
    assert answer.code == grpc.StatusCode.DEADLINE_EXCEEDED


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "through the front"])
def test_metadata_and_status_pass_unchanged(channel: grpc.Channel, gzip: bool) -> None:
    metadata = [("argosy-session", "s1"), ("argosy-version", "1"), ("custom", "a b")]
    passed = seen(call(channel, f"{VISION}/Classify", classify("faces"), metadata=metadata, gzip=gzip))
    assert dict(metadata).items() <= passed.items()
    refused = call(
        channel, f"{VISION}/Classify", classify("faces"), metadata=[("test-do", "fail:DATA_LOSS")], gzip=gzip
    )
    assert (refused.code, refused.details) == (grpc.StatusCode.DATA_LOSS, "failed with DATA_LOSS as told")


def test_envoy_logs_nothing_of_calls(fleet_gateway: Gateway, channel: grpc.Channel) -> None:
    before = fleet_gateway.log("envoy")
    for gzip in (False, True):
        assert call(channel, f"{VISION}/Classify", classify("faces"), gzip=gzip).code == grpc.StatusCode.OK
        assert call(channel, f"{VISION}/Classify", classify("nope"), gzip=gzip).code == grpc.StatusCode.NOT_FOUND
    assert fleet_gateway.log("envoy") == before


def test_refusals_satisfy_readers_that_compare_details_with_the_status(channel: grpc.Channel) -> None:
    method = channel.unary_unary(V2_INFER, lambda request: request.SerializeToString(), bytes)
    for request in (infer("100% new"), infer(), infer("slow")):
        with pytest.raises(grpc.RpcError) as refused:
            method(request, timeout=5)
        status = Status.FromString(dict(refused.value.trailing_metadata())[DETAILS_KEY])
        assert (status.code, status.message) == (refused.value.code().value[0], refused.value.details())
        assert status.details[0].type_url.endswith("/google.rpc.ErrorInfo")


@pytest.mark.parametrize(("model", "status"), [("faces", b"grpc-status:0"), ("nope", b"grpc-status:5")])
def test_browsers_reach_the_same_routes_by_grpc_web(fleet_gateway: Gateway, model: str, status: bytes) -> None:
    raw = infer(model).SerializeToString()
    body = base64.b64encode(struct.pack(">BI", 0, len(raw)) + raw)
    headers = {"content-type": "application/grpc-web-text", "accept": "application/grpc-web-text"}
    request = urllib.request.Request(f"http://{fleet_gateway.address}{V2_INFER}", body, headers)
    with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
        assert response.headers["content-type"].startswith("application/grpc-web-text")
        in_headers = f"grpc-status:{response.headers['grpc-status']}".encode()
        frames = base64.b64decode(response.read())
    assert status in frames or status == in_headers
    if model == "faces":
        length = struct.unpack(">I", frames[1:5])[0]
        assert message("inference.ModelInferResponse").FromString(frames[5 : 5 + length]).id == "B"
