# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a service hands on with the calls that it makes to answer one: its deadline and its trace context."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

import grpc

#: Trace context of the W3C, and the id under which Argosy's logs know a request.
CARRIED = ("traceparent", "tracestate", "x-request-id")
USUAL_S, MOST_S = 10.0, 30.0
#: Left for the answer's own way, as a part of what there is.
OWN_PART = 0.05


@dataclass(frozen=True, slots=True)
class Carried:
    """Taken from a call, for those made on its behalf."""

    deadline: float
    """On the monotonic clock, in seconds."""
    metadata: tuple[tuple[str, str], ...]

    @property
    def timeout_s(self) -> float:
        """Seconds that are left; 0 where there are none."""
        return max(self.deadline - time.monotonic(), 0.0)


def carried(metadata: Iterable[tuple[str, str | bytes]], remaining_s: float | None) -> Carried:
    """Takes it from a call's metadata and the seconds that it has left, None where it has no deadline."""
    given = min(USUAL_S if remaining_s is None else remaining_s, MOST_S)
    kept = tuple((key, value) for key, value in metadata if key in CARRIED and isinstance(value, str))
    return Carried(time.monotonic() + given * (1 - OWN_PART), kept)


async def end_as(context: grpc.aio.ServicerContext, error: grpc.aio.AioRpcError) -> None:
    """Ends a call as the one ended that it depended on, details included; whatever went wrong with us is INTERNAL."""
    details = tuple(pair for pair in error.trailing_metadata() or () if pair[0] == "grpc-status-details-bin")
    await context.abort(error.code(), error.details() or "", details)
