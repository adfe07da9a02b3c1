# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Each line that the edge logs says which call it is about, and nothing of what its caller sent."""

import logging
from typing import Any

import grpc
import pytest
from argosy_worker.errors import EngineFault
from argosy_worker.metrics import Metrics
from argosy_worker.serving.edge import Edge, Exchange

SENT = "4929-secret-number"
METHOD = "argosy.nlp.v1.NlpService/Classify"


class Aborted(Exception):
    """The call was ended."""


class Rpc:
    """The caller's side of a call."""

    def time_remaining(self) -> None:
        return None

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return (("x-request-id", "request-7"), ("x-model", "sentiment"))

    async def abort(self, code: grpc.StatusCode, details: str, _trailers: Any) -> None:
        self.code, self.details = code, details
        raise Aborted


def defect(text: str) -> Exception:
    return ValueError(f"cannot read {text}")


def fault(text: str) -> Exception:
    return EngineFault(f"Gather node. Name:'gather_1' cannot take '{text}'")


@pytest.mark.parametrize(("make", "message"), [(defect, "defect"), (fault, "engine fault")])
async def test_a_failed_call_is_logged_without_what_was_sent(
    make: Any, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def serve(request: str, _exchange: Exchange) -> None:
        raise make(request)

    edge = Edge("replica", 1000, Metrics("nlp"))
    handler = edge.unary(METHOD, bytes.decode, serve)
    rpc = Rpc()
    with caplog.at_level(logging.WARNING), pytest.raises(Aborted):
        await handler.unary_unary(SENT.encode(), rpc)
    assert rpc.code is grpc.StatusCode.INTERNAL
    assert SENT not in rpc.details
    (record,) = caplog.records
    assert record.message == message
    told = vars(record)
    assert {key: told[key] for key in ("request_id", "method", "model")} == {
        "request_id": "request-7",
        "method": METHOD,
        "model": "sentiment",
    }
    assert "Gather node" in told.get("cause", "Gather node")
    assert "in serve" in told.get("exception", "in serve")
    assert SENT not in repr(told)
    assert record.exc_info is None, "a formatter would write the text of the exception"
