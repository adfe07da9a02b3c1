# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls on undecoded messages, whose outcome is a value whatever it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from argosy.status import DETAILS_KEY, DOMAIN, Problem, unpack
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

LIMIT = 64 << 20
#: Generous: what is slow here is a loaded machine.
PATIENCE_S = 60.0

Metadata = Sequence[tuple[str, str | bytes]]


@dataclass(frozen=True)
class Outcome:
    """What a caller saw: canonical code, text, problem, the answer's bytes where there is one, trailers."""

    code: grpc.StatusCode
    details: str
    problem: Problem
    infos: int
    answer: bytes = b""
    trailers: dict[str, str | bytes] = field(default_factory=dict)

    def refused(self) -> tuple[str, str]:
        """Status and reason of a failed call; fails unless exactly one ErrorInfo of our domain explains it."""
        assert self.code is not grpc.StatusCode.OK, "the call succeeded"
        assert self.infos == 1, f"{self.infos} ErrorInfos: {self.code} {self.details}"
        assert self.problem.message == self.details
        assert self.details, "no message"
        return self.code.name, self.problem.reason


def open_channel(address: str, **options: Any) -> grpc.Channel:
    """A channel with the fleet's limits and a connection of its own."""
    settings = {
        "grpc.max_send_message_length": 2 * LIMIT,
        "grpc.max_receive_message_length": 2 * LIMIT,
        "grpc.use_local_subchannel_pool": 1,
        **options,
    }
    return grpc.insecure_channel(address, options=list(settings.items()))


def begin(
    channel: grpc.Channel,
    path: str,
    message: Any,
    *,
    metadata: Metadata = (),
    gzip: bool = False,
    timeout: float = PATIENCE_S,
) -> Any:
    """Begins a unary call of a message or its bytes; ``finish`` waits for it."""
    raw = message if isinstance(message, bytes) else message.SerializeToString()
    compression = grpc.Compression.Gzip if gzip else grpc.Compression.NoCompression
    return channel.unary_unary(path).future(raw, metadata=tuple(metadata), timeout=timeout, compression=compression)


def finish(call: Any) -> Outcome:
    """The outcome of a call, whatever it is."""
    try:
        answer = call.result()
    except (grpc.RpcError, grpc.FutureCancelledError):
        answer = b""
    details, trailers = call.details() or "", tuple(call.trailing_metadata() or ())
    problem, infos = unpack(details, trailers), error_infos(trailers)
    return Outcome(call.code(), details, problem, infos, answer, dict(trailers))


def send(channel: grpc.Channel, path: str, message: Any, **options: Any) -> Outcome:
    """Makes one unary call; options are those of ``begin``."""
    return finish(begin(channel, path, message, **options))


def error_infos(trailers: Metadata) -> int:
    """How many ErrorInfos of our domain the trailers hold."""
    found = 0
    for key, value in trailers:
        if key == DETAILS_KEY:
            assert isinstance(value, bytes)
            for detail in Status.FromString(value).details:
                info = ErrorInfo()
                found += detail.Unpack(info) and info.domain == DOMAIN and bool(info.reason)
    return found
