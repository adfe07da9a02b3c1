# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Traces of a real worker, as a collector gets them."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import grpc
import pytest
from argosy.tabular.v1 import tabular_pb2, tabular_pb2_grpc
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.integration.worker.conftest import YAML
from tests.support.collector import Collector, run_collector
from tests.support.envoy import free_ports, run_gateway
from tests.support.models import add_lookup, add_model
from tests.support.worker import WorkerProcess, run_worker

METHOD = "argosy.tabular.v1.TabularService/Predict"
PARENT = "00f067aa0ba902b7"


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WorkerProcess, Collector]]:
    """A worker that traces what its callers trace, and its collector. Spans are told apart by their trace."""
    repository = tmp_path_factory.mktemp("repository")
    add_model(repository, "scale", YAML)
    add_lookup(repository, "lookup")
    with pytest.MonkeyPatch.context() as patch, run_collector() as collector:
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        options = ("--otlp-endpoint", collector.address, "--trace-ratio", "0", "--drain-s", "0")
        with run_worker("tabular", repository, *options, wait_for=["model/scale"]) as worker:
            yield worker, collector


def predict(address: str, *metadata: tuple[str, str], rows: int = 1, model: str = "scale") -> None:
    request = tabular_pb2.PredictRequest(model=model, rows=[tabular_pb2.Row(values=[1, 2, 3, 4])] * rows)
    with grpc.insecure_channel(address) as channel:
        tabular_pb2_grpc.TabularServiceStub(channel).Predict(request, timeout=20, metadata=metadata)


def of(trace: str, spans: Sequence[Span]) -> list[Span]:
    return [span for span in spans if span.trace_id.hex() == trace]


def call_span(trace: str, collector: Collector) -> Span:
    """The span of the one call in a trace, which is sent after all spans below it."""
    spans = collector.wait_for(lambda spans: any(span.name == METHOD for span in of(trace, spans)))
    (span,) = (span for span in of(trace, spans) if span.name == METHOD)
    return span


def test_a_sampled_call_yields_its_spans_under_its_callers(traced: tuple[WorkerProcess, Collector]) -> None:
    worker, collector = traced
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    before = time.time_ns()
    predict(
        worker.address,
        ("traceparent", f"00-{trace}-{PARENT}-01"),
        ("tracestate", "vendor=1"),
        ("x-request-id", "request-7"),
    )
    after = time.time_ns()
    call = call_span(trace, collector)
    assert call.parent_span_id.hex() == PARENT
    assert call.kind == Span.SPAN_KIND_SERVER
    assert call.trace_state == "vendor=1"
    texts = {each.key: each.value.string_value or each.value.int_value for each in call.attributes}
    assert texts == {
        "rpc.system": "grpc",
        "rpc.service": "argosy.tabular.v1.TabularService",
        "rpc.method": "Predict",
        "rpc.grpc.status_code": 0,
        "argosy.request_id": "request-7",
        "argosy.model": "scale",
        "argosy.version": 1,
    }
    below = [span for span in of(trace, collector.spans) if span is not call]
    assert [span.name for span in below] == ["decode", "queue", "compute"]
    assert {span.parent_span_id for span in below} == {call.span_id}
    times = [(span.start_time_unix_nano, span.end_time_unix_nano) for span in (call, *below)]
    assert all(before - 10**6 <= start <= end <= after + 10**6 for start, end in times)
    (link,) = below[2].links
    (batch,) = (span for span in collector.spans if span.span_id == link.span_id)
    assert (batch.name, batch.trace_id) == ("batch", link.trace_id)
    assert batch.trace_id != call.trace_id
    assert [back.span_id for back in batch.links] == [call.span_id]
    assert collector.resource["service.name"] == "argosy.tabular"


def test_a_call_of_several_runs_has_a_span_for_each(traced: tuple[WorkerProcess, Collector]) -> None:
    worker, collector = traced
    trace = "11f92f3577b34da6a3ce929d0e0e4736"
    predict(worker.address, ("traceparent", f"00-{trace}-{PARENT}-01"), rows=20)
    call_span(trace, collector)
    names = [span.name for span in of(trace, collector.spans)]
    assert (names.count("queue"), names.count("compute")) == (3, 3)


@pytest.mark.parametrize(
    "metadata",
    [
        (("traceparent", f"00-22f92f3577b34da6a3ce929d0e0e4736-{PARENT}-00"),),
        (),
        (("traceparent", "00-zz-01"),),
        (("traceparent", f"ff-22f92f3577b34da6a3ce929d0e0e4736-{PARENT}-01"),),
    ],
    ids=["unsampled", "none", "malformed", "invalid version"],
)
def test_an_unsampled_call_yields_no_span(
    traced: tuple[WorkerProcess, Collector], metadata: tuple[tuple[str, str], ...], request: pytest.FixtureRequest
) -> None:
    worker, collector = traced
    marker = f"{abs(hash(request.node.name)):032x}"[:32]
    seen = len(collector.spans)
    predict(worker.address, *metadata)
    # Spans are sent in order: once those of a later call are there, none of the earlier one can follow.
    predict(worker.address, ("traceparent", f"00-{marker}-{PARENT}-01"))
    call_span(marker, collector)
    calls = [span for span in collector.spans[seen:] if span.name == METHOD]
    assert [span.trace_id.hex() for span in calls] == [marker]


def test_a_failed_call_says_so(traced: tuple[WorkerProcess, Collector]) -> None:
    worker, collector = traced
    trace = "33f92f3577b34da6a3ce929d0e0e4736"
    with pytest.raises(grpc.RpcError):
        predict(worker.address, ("traceparent", f"00-{trace}-{PARENT}-01"), model="unknown")
    call = call_span(trace, collector)
    codes = [each.value.int_value for each in call.attributes if each.key == "rpc.grpc.status_code"]
    assert codes == [grpc.StatusCode.NOT_FOUND.value[0]]
    assert [span.name for span in of(trace, collector.spans)] == [METHOD]


def test_the_gateway_passes_the_callers_trace_on(traced: tuple[WorkerProcess, Collector], tmp_path: Path) -> None:
    worker, collector = traced
    trace = "44f92f3577b34da6a3ce929d0e0e4736"
    with run_gateway([("tabular", worker.address)], tmp_path) as gateway:
        predict(gateway.address, ("traceparent", f"00-{trace}-{PARENT}-01"))
    assert call_span(trace, collector).parent_span_id.hex() == PARENT


def test_what_is_not_sent_yet_is_sent_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "3600000")
    add_model(tmp_path, "scale", YAML)
    with run_collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://{collector.address}")
        with run_worker("tabular", tmp_path, "--drain-s", "0", wait_for=["model/scale"]) as worker:
            predict(worker.address)
            assert not collector.spans
        assert METHOD in {span.name for span in collector.spans}


def test_a_collector_that_is_gone_neither_fails_calls_nor_holds_up_the_end(tmp_path: Path) -> None:
    add_model(tmp_path, "scale", YAML)
    options = ("--otlp-endpoint", f"127.0.0.1:{free_ports(1)[0]}", "--drain-s", "0")
    with run_worker("tabular", tmp_path, *options, wait_for=["model/scale"]) as worker:
        predict(worker.address)
        worker.process.terminate()
        assert worker.process.wait(10) == 0


def test_nothing_of_opentelemetry_is_loaded_where_no_endpoint_is_configured() -> None:
    program = "import sys, argosy_worker.program; print(*(name for name in sys.modules if 'opentelemetry' in name))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
