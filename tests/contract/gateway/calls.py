# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls on undecoded messages, whose outcome is a value."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc
from argosy.status import Problem, unpack

from tests.contract.gateway.standin import message

VISION = "/argosy.vision.v1.VisionService"
NLP = "/argosy.nlp.v1.NlpService"
V2 = "/inference.GRPCInferenceService"
LIMIT = 64 << 20

Metadata = Sequence[tuple[str, str]]


@dataclass
class Answer:
    """What a caller saw."""

    code: grpc.StatusCode
    details: str
    problem: Problem
    messages: list[bytes] = field(default_factory=list)
    trailers: dict[str, Any] = field(default_factory=dict)

    @property
    def replica(self) -> str:
        """Which stand-in answered."""
        return str(self.trailers.get("argosy-replica", ""))

    def one(self, type_name: str) -> Any:
        """The only message, decoded."""
        assert self.code == grpc.StatusCode.OK, (self.code, self.details)
        assert len(self.messages) == 1
        return message(type_name).FromString(self.messages[0])

    def refused(self) -> tuple[str, str, str]:
        """Status, reason and message of a failed call."""
        return self.code.name, self.problem.reason, self.details


def open_channel(address: str, **options: Any) -> grpc.Channel:
    """A channel with the fleet's message limits and a connection of its own."""
    settings = {
        "grpc.max_send_message_length": LIMIT,
        "grpc.max_receive_message_length": LIMIT,
        "grpc.use_local_subchannel_pool": 1,
        **options,
    }
    return grpc.insecure_channel(address, options=list(settings.items()))


def call(
    channel: grpc.Channel,
    path: str,
    *messages: Any,
    metadata: Metadata = (),
    gzip: bool = False,
    timeout: float = 20.0,
) -> Answer:
    """Calls any kind of method: on the wire a unary call is a stream of one message."""
    method = channel.stream_stream(path)
    raw = [each if isinstance(each, bytes) else each.SerializeToString() for each in messages]
    compression = grpc.Compression.Gzip if gzip else grpc.Compression.NoCompression
    received: list[bytes] = []
    calling = method(iter(raw), metadata=tuple(metadata), timeout=timeout, compression=compression)
    with contextlib.suppress(grpc.RpcError):  # the status says it
        received.extend(calling)
    trailers = calling.trailing_metadata() or ()
    return Answer(calling.code(), calling.details(), unpack(calling.details(), trailers), received, dict(trailers))


def classify(model: str = "", size: int = 0) -> Any:
    """A vision request of about ``size`` bytes."""
    request = message("argosy.vision.v1.ClassifyRequest")(model=model)
    if size:
        request.images.add(encoded=b"\0" * size)
    return request


def infer(model: str = "", size: int = 0) -> Any:
    """A V2 request of about ``size`` bytes."""
    request = message("inference.ModelInferRequest")(model_name=model)
    if size:
        request.raw_input_contents.append(b"\0" * size)
    return request
