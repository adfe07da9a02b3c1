# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Metrics as Prometheus reads them."""

import pytest
from argosy_worker.metrics import Metrics
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

LABELS = {"domain": "tabular", "method": "S/M", "model": "tiny", "version": "2"}


def scraped(metrics: Metrics) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(generate_latest(metrics.registry).decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def labels(**more: str) -> tuple[tuple[str, str], ...]:
    return tuple(sorted({**LABELS, **more}.items()))


def observe(metrics: Metrics, code: str = "OK", total_s: float = 0.01, batch: int = 4) -> None:
    metrics.observe("S/M", "tiny", 2, code, total_s, 0.003, 0.001, 0.002, batch)


def test_calls_are_counted_by_status() -> None:
    metrics = Metrics("tabular")
    for code in ("OK", "OK", "NOT_FOUND"):
        observe(metrics, code)
    values = scraped(metrics)
    assert values["argosy_requests_total", labels(code="OK")] == 2
    assert values["argosy_requests_total", labels(code="NOT_FOUND")] == 1


def test_buckets_are_cumulative_and_include_their_bound() -> None:
    metrics = Metrics("tabular")
    for total_s in (0.005, 0.0051, 99.0):
        observe(metrics, total_s=total_s)
    values = scraped(metrics)
    buckets = {
        le: values["argosy_request_seconds_bucket", labels(le=le)] for le in ("0.0025", "0.005", "0.01", "10.0", "+Inf")
    }
    assert buckets == {"0.0025": 0, "0.005": 1, "0.01": 2, "10.0": 2, "+Inf": 3}
    assert values["argosy_request_seconds_count", labels()] == 3
    assert values["argosy_request_seconds_sum", labels()] == pytest.approx(99.0101)


def test_a_call_that_ran_nothing_counts_in_no_batch() -> None:
    metrics = Metrics("tabular")
    observe(metrics, batch=0)
    observe(metrics, batch=3)
    values = scraped(metrics)
    assert values["argosy_batch_items_sum", labels()] == 3
    assert values["argosy_compute_seconds_count", labels()] == values["argosy_queue_seconds_count", labels()] == 1
    assert values["argosy_decode_seconds_count", labels()] == 1
    assert values["argosy_decode_seconds_sum", labels()] == pytest.approx(0.003)
    assert values["argosy_request_seconds_count", labels()] == 2


def test_copies_of_calls_are_counted_apart_and_by_version() -> None:
    metrics = Metrics("tabular")
    observe(metrics)
    for _ in range(2):
        metrics.observe("S/M", "tiny", 2, "OK", 0.01, 0.0, 0.0, 0.002, 1, shadow=True)
    metrics.observe("S/M", "tiny", 3, "INTERNAL", 0.01, 0.0, 0.0, 0.002, 0, shadow=True)
    values = scraped(metrics)
    assert values["argosy_requests_total", labels(code="OK")] == 1
    assert values["argosy_request_seconds_count", labels()] == values["argosy_compute_seconds_count", labels()] == 1
    assert values["argosy_shadow_requests_total", labels(code="OK")] == 2
    assert values["argosy_shadow_request_seconds_count", labels()] == 2
    assert values["argosy_shadow_compute_seconds_count", labels()] == 2
    assert values["argosy_shadow_requests_total", labels(code="INTERNAL", version="3")] == 1
    assert not any(key[0] == "argosy_requests_total" and ("version", "3") in key[1] for key in values)


def test_the_process_itself_is_measured() -> None:
    values = scraped(Metrics("tabular"))
    assert values["process_resident_memory_bytes", ()] > 1 << 20
    assert ("process_cpu_seconds_total", ()) in values
