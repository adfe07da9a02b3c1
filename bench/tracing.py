# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What tracing costs the event loop for each call: ``python -m bench.tracing``.

Spans are thrown away where they would be sent; sending happens in a thread of its own, in batches.
"""

import time
from collections.abc import Callable, Sequence

from argosy_worker.otlp import OtlpTracer
from argosy_worker.scheduling.trace import BatchRecord, Part
from argosy_worker.tracing import CallEnd
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

CALLS = 20_000
METHOD = "argosy.vision.v1.VisionService/Classify"
#: What a call through the gateway has, more or less.
METADATA = (
    *(("user-agent", "grpc"), ("x-model", "digits"), ("x-request-id", "5c02bd0a-1fdc-4f47-8d0e-0d4b1ec6a0d5")),
    *(("x-forwarded-proto", "http"), ("x-envoy-expected-rq-timeout-ms", "1000")),
)
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-"


class Nowhere(SpanExporter):
    """Throws spans away."""

    def export(self, _spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Says that all went well."""
        return SpanExportResult.SUCCESS


def call(tracer: OtlpTracer, metadata: Sequence[tuple[str, str]]) -> None:
    """What the edge and the batcher do for one call that runs once."""
    started = time.monotonic()
    trace = tracer.begin(METHOD, metadata, started)
    if trace is not None:
        trace.parts.append(Part(started, BatchRecord(started, started, 1, 1, [trace])))
        tracer.end(trace, CallEnd(METHOD, started, started, started, "OK", "request", "digits", 1))


def microseconds(run: Callable[[], None]) -> float:
    """Time of one run, averaged over many, the best of five times."""
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(CALLS // 5):
            run()
        best = min(best, time.perf_counter() - began)
    return best / (CALLS // 5) * 1e6


def main() -> None:
    """Prints the table."""
    never, always = OtlpTracer(Nowhere(), 0.0, {}), OtlpTracer(Nowhere(), 1.0, {})
    unsampled = (*METADATA, ("traceparent", PARENT + "00"))
    sampled = (*METADATA, ("traceparent", PARENT + "01"))
    print("| call | us of the event loop |\n| --- | --- |")
    for name, tracer, metadata in (
        ("its caller does not sample it", always, unsampled),
        ("no traceparent, not chosen", never, METADATA),
        ("its caller samples it: five spans", never, sampled),
        ("no traceparent, chosen: five spans", always, METADATA),
    ):
        print(f"| {name} | {microseconds(lambda t=tracer, m=metadata: call(t, m)):.2f} |")  # type: ignore[misc]
    never.close()
    always.close()


if __name__ == "__main__":
    main()
