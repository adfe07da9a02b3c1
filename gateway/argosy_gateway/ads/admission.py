# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Which streams are served: their kind, and how many of each. Whoever reaches the port may open streams."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import NoReturn

import grpc
from argosy.status import DETAILS_KEY, Problem, pack
from envoy.config.core.v3.base_pb2 import Node
from prometheus_client import Gauge


class Refused(Exception):
    """A stream that is ended, with its status, reason and message."""

    def __init__(self, code: grpc.StatusCode, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.problem = Problem(message, reason)


class Admission:
    """Counts the streams of each kind of client and refuses those beyond the limit.

    Kinds have limits of their own, so that no number of gRPC clients keeps Envoy out.
    """

    def __init__(self, max_streams: int, gauge: Gauge) -> None:
        self._max_streams = max_streams
        self._gauge = gauge
        self._open: Counter[str] = Counter()

    @contextlib.contextmanager
    def enter(self, kind: str) -> Iterator[None]:
        """Counts a stream throughout the block. Raises Refused where there are too many."""
        if self._open[kind] >= self._max_streams:
            message = f"{self._max_streams} {kind} streams are open, as many as --max-ads-streams allows"
            raise Refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_STREAMS", message)
        self._open[kind] += 1
        try:
            with self._gauge.labels(kind).track_inprogress():
                yield
        finally:
            self._open[kind] -= 1


def client_kind(node: Node) -> str:
    """Tells gRPC clients without a proxy ("grpc") from Envoy ("envoy"), by what they call themselves."""
    return "grpc" if node.user_agent_name.lower().startswith("grpc") else "envoy"


async def refuse(context: grpc.aio.ServicerContext[object, object], refused: Refused) -> NoReturn:
    """Ends a stream."""
    details = ((DETAILS_KEY, pack(refused.code.value[0], refused.problem)),)
    await context.abort(refused.code, refused.problem.message, details)
    raise AssertionError("abort returned")
