# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Traces sent over OTLP. Imported only where an endpoint is configured; needs the extra ``otel``.

The spans of a call are made when it has ended, from what was noted meanwhile: one of the call itself with ``decode``,
``queue`` and ``compute`` below it. A run of an engine belongs to many calls, so its span ``batch`` has a trace of its
own, and is linked with those calls in both directions.
"""

import random
import re
import time
from collections.abc import Iterable, Mapping

import grpc
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    TraceState,
    format_trace_id,
    set_span_in_context,
)

from argosy_worker.scheduling.trace import BatchRecord, Trace
from argosy_worker.tracing import CallEnd

#: How long one export may take, in seconds; also how long a stopping worker waits for the collector.
EXPORT_S = 3.0
#: W3C trace context: version, trace, parent span, flags; later versions may append more.
_PARENT = re.compile(
    r"(?!ff|00.{53}.)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?"
)
_CLOCK_VALID_S = 60.0
#: Codes that are the server's fault.
_FAULTS = frozenset(("UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"))
_MAX_REQUEST_ID = 128


def exporter(endpoint: str) -> SpanExporter:
    """Makes what sends spans to ``endpoint``: host:port, http://host:port, or https://host:port for TLS."""
    return OTLPSpanExporter(endpoint if "://" in endpoint else f"http://{endpoint}", timeout=EXPORT_S)


class OtlpTracer:
    """Implements :class:`argosy_worker.tracing.Tracer`.

    Args:
        to: Where spans go.
        ratio: Part of the calls without a traceparent that are traced, 0 to 1. The others do as their parent does.
        about: Resource attributes, such as ``service.name``.
    """

    def __init__(self, to: SpanExporter, ratio: float, about: Mapping[str, str]) -> None:
        # Whether a call is traced is decided here, before any of the library's code runs.
        self._provider = TracerProvider(ALWAYS_ON, Resource.create(dict(about)), shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(to))
        self._tracer = self._provider.get_tracer("argosy_worker")
        self._ratio = ratio
        self._clock = _Clock()

    def begin(self, method: str, metadata: Iterable[tuple[str, str | bytes]], started: float) -> Trace | None:
        """Starts a call's span where the caller's is sampled, or where there is none and chance says so."""
        parent = state = ""
        for key, value in metadata:
            if key == "traceparent" and isinstance(value, str):
                parent = value
            elif key == "tracestate" and isinstance(value, str):
                state = value
        if parent[53:] == "00":  # the common case in the least time
            return None
        found = _PARENT.fullmatch(parent)
        if found is None:
            if random.random() >= self._ratio:  # noqa: S311
                return None
            context = Context()
        elif not int(found[3], 16) & TraceFlags.SAMPLED:
            return None
        else:
            context = _remote(int(found[1], 16), int(found[2], 16), state)
        span = self._tracer.start_span(method, context, SpanKind.SERVER, start_time=self._clock.epoch_ns(started))
        return Trace(span, format_trace_id(span.get_span_context().trace_id))

    def end(self, trace: Trace, call: CallEnd) -> None:
        """Makes the spans of a call that has ended, and those of its runs that have none yet."""
        parent = set_span_in_context(trace.span, Context())
        if call.submitted:
            self._span("decode", parent, call.started, call.submitted)
            if not trace.parts:  # refused, expired or cancelled
                self._span("queue", parent, call.submitted, call.ended)
        for enqueued, batch in trace.parts:
            self._span("queue", parent, enqueued, batch.started)
            self._span("compute", parent, batch.started, batch.ended, Link(self._batch(batch, call)))
        service, _, method = call.method.partition("/")
        trace.span.set_attributes(
            {
                "rpc.system": "grpc",
                "rpc.service": service,
                "rpc.method": method,
                "rpc.grpc.status_code": grpc.StatusCode[call.code].value[0],
                "argosy.request_id": call.request_id[:_MAX_REQUEST_ID],
                **_model(call),
            }
        )
        if call.code in _FAULTS:
            trace.span.set_status(Status(StatusCode.ERROR))
        trace.span.end(self._clock.epoch_ns(call.ended))

    def close(self) -> None:
        """Sends what is left; blocks for a few seconds where the collector does not answer."""
        self._provider.shutdown()

    def _batch(self, batch: BatchRecord, call: CallEnd) -> SpanContext:
        if batch.span is None:
            span = self._tracer.start_span(
                "batch",
                Context(),
                links=[Link(trace.span.get_span_context()) for trace in batch.traces],
                start_time=self._clock.epoch_ns(batch.started),
                attributes={"argosy.items": batch.items, "argosy.works": batch.works, **_model(call)},
            )
            span.end(self._clock.epoch_ns(batch.ended))
            batch.span = span.get_span_context()
        context: SpanContext = batch.span
        return context

    def _span(self, name: str, parent: Context, start: float, end: float, *links: Link) -> None:
        span = self._tracer.start_span(name, parent, links=links, start_time=self._clock.epoch_ns(start))
        span.end(self._clock.epoch_ns(max(start, end)))


def _remote(trace: int, span: int, state: str) -> Context:
    """The caller's context; a state that cannot be read counts as none."""
    flags = TraceFlags(TraceFlags.SAMPLED)
    context = SpanContext(trace, span, True, flags, TraceState.from_header([state] if state else []))
    return set_span_in_context(NonRecordingSpan(context), Context())


def _model(call: CallEnd) -> dict[str, str | int]:
    return {"argosy.model": call.model, "argosy.version": call.version} if call.model else {}


class _Clock:
    """Turns times of the monotonic clock into nanoseconds since 1970, the same for all spans of about a minute."""

    def __init__(self) -> None:
        self._valid_until = 0.0
        self._offset_ns = 0

    def epoch_ns(self, monotonic_s: float) -> int:
        """Returns a time given in seconds."""
        if monotonic_s >= self._valid_until:  # the wall clock may have been set
            self._offset_ns = min(_offset_ns() for _ in range(5))[1]
            self._valid_until = monotonic_s + _CLOCK_VALID_S
        return self._offset_ns + int(monotonic_s * 1e9)


def _offset_ns() -> tuple[int, int]:
    """Returns how long it took to compare the clocks, which is how wrong it may be, and the difference."""
    before = time.monotonic_ns()
    wall = time.time_ns()
    took = time.monotonic_ns() - before
    return took, wall - before - took // 2
