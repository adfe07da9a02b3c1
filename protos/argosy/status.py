# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Errors on the wire: one ``google.rpc.Status`` with one ``ErrorInfo`` in the trailer ``grpc-status-details-bin``.

Used by servers to say and by clients to read why a call failed. The format is google.rpc's (AIP-193).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

#: Domain of every ErrorInfo of ours.
DOMAIN = "argosy.dev"
#: Trailer that carries the serialized ``google.rpc.Status``.
DETAILS_KEY = "grpc-status-details-bin"
#: Most bytes of a message and of each value beside it. They repeat what callers sent, and travel in trailers: clients
#: refuse those that exceed 8 KiB in all.
MESSAGE_BYTES, VALUE_BYTES = 1000, 500


@dataclass(frozen=True, slots=True)
class Problem:
    """What a failed call said beside its code: reason, values, and the delay after which a retry may succeed."""

    message: str
    reason: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    retry_after_s: float | None = None


def shortened(text: str, most_bytes: int) -> str:
    """The text, or its beginning where it has more than ``most_bytes`` bytes in UTF-8."""
    if len(text) * 4 <= most_bytes:
        return text
    encoded = text.encode("utf-8", "replace")
    return text if len(encoded) <= most_bytes else encoded[: most_bytes - 3].decode("utf-8", "ignore") + "..."


def pack(code: int, problem: Problem) -> bytes:
    """Serializes a problem for the details trailer; ``code`` is the number of the canonical gRPC status."""
    status = Status(code=code, message=problem.message)
    status.details.add().Pack(ErrorInfo(reason=problem.reason, domain=DOMAIN, metadata=problem.metadata))
    if problem.retry_after_s is not None:
        delay = Duration()
        delay.FromNanoseconds(int(problem.retry_after_s * 1e9))
        status.details.add().Pack(RetryInfo(retry_delay=delay))
    serialized: bytes = status.SerializeToString()
    return serialized


def unpack(message: str, trailers: Iterable[tuple[str, str | bytes]]) -> Problem:
    """Reads the problem from a failed call's trailers; without details only ``message`` is known."""
    for key, value in trailers:
        if key == DETAILS_KEY:
            return _from_details(message, value.encode("latin-1") if isinstance(value, str) else value)
    return Problem(message)


def _from_details(message: str, serialized: bytes) -> Problem:
    status = Status.FromString(serialized)
    reason, metadata, retry_after_s = "", {}, None
    info, retry = ErrorInfo(), RetryInfo()
    for detail in status.details:
        if detail.Unpack(info):
            reason, metadata = info.reason, dict(info.metadata)
        elif detail.Unpack(retry):
            retry_after_s = retry.retry_delay.ToNanoseconds() / 1e9
    return Problem(status.message or message, reason, metadata, retry_after_s)
