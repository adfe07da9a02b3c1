# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A collector of traces: takes what is sent over OTLP and keeps it."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as messages
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

WAIT_S = 20.0


@dataclass
class Collector(TraceServiceServicer):
    """Every span that came, and the attributes of the process that sent it last."""

    address: str = ""
    spans: list[Span] = field(default_factory=list)
    resource: dict[str, str] = field(default_factory=dict)
    _came: threading.Condition = field(default_factory=threading.Condition)

    def Export(self, request: messages.ExportTraceServiceRequest, _context: Any) -> messages.ExportTraceServiceResponse:
        """Takes spans."""
        with self._came:
            for sender in request.resource_spans:
                self.resource = {each.key: each.value.string_value for each in sender.resource.attributes}
                self.spans += [span for scope in sender.scope_spans for span in scope.spans]
            self._came.notify_all()
        return messages.ExportTraceServiceResponse()

    def wait_for(self, enough: Callable[[list[Span]], bool]) -> list[Span]:
        """Returns all spans, once they are enough."""
        with self._came:
            assert self._came.wait_for(lambda: enough(self.spans), WAIT_S), self.spans
            return list(self.spans)


@contextlib.contextmanager
def run_collector() -> Iterator[Collector]:
    """Runs a collector on a free port."""
    collector = Collector()
    server = grpc.server(ThreadPoolExecutor(2))
    add_TraceServiceServicer_to_server(collector, server)  # type: ignore[no-untyped-call]
    collector.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield collector
    finally:
        server.stop(None).wait()
