# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of two reads of a fleet's metrics."""

import pytest
from argosy_client.fleet_results import Model, ModelReplica, ModelVersion, Provenance, Worker
from argosy_client.top.rates import Buckets, figures, quantile, worker_figures
from argosy_client.top.scrape import Page, parse

INFINITY = float("inf")


def worker(number: int) -> Worker:
    address = f"10.0.0.{number}:8101"
    return Worker(f"w{number}", "vision", address, "SERVING", ("digits",), (), "10.0.0.1:9101", "1")


def model(*states: str) -> Model:
    replicas = tuple(
        ModelReplica(f"w{number}", f"10.0.0.{number}:8101", (ModelVersion(1, state, "", (), (), "onnx", "cpu"),))
        for number, state in enumerate(states, 1)
    )
    nothing = Provenance("", "", "", "")
    return Model("digits", "vision", "", "READY", "", (), (), (), {}, (), nothing, replicas)


def page(number: int, time: float, *lines: str) -> Page:
    return Page(worker(number), time, tuple(parse("\n".join(lines))))


@pytest.mark.parametrize(
    ("part", "buckets", "value"),
    [
        (0.5, {}, None),
        (0.5, {0.1: 0, INFINITY: 0}, None),
        (0.5, {0.1: 10, INFINITY: 0}, 0.05),
        (0.5, {0.1: 4, 0.2: 4, INFINITY: 0}, 0.1),
        (0.75, {0.1: 4, 0.2: 4, INFINITY: 0}, 0.15),
        (0.99, {0.1: 0, 0.2: 100, INFINITY: 0}, 0.199),
        (0.99, {0.1: 1, 0.2: 1, INFINITY: 98}, 0.2),
        (1.0, {0.1: 3, 0.2: 0, INFINITY: 0}, 0.1),
        (0.0, {0.1: 0, 0.2: 5, INFINITY: 0}, 0.1),
    ],
)
def test_a_quantile_is_interpolated_within_its_bucket(part: float, buckets: Buckets, value: float | None) -> None:
    found = quantile(part, buckets)
    assert found == value if value is None else found == pytest.approx(value)


def calls(ok: float, failed: float, *buckets: float) -> list[str]:
    labels = 'domain="vision",method="M",model="digits",version="1"'
    return [
        f'argosy_requests_total{{code="OK",{labels}}} {ok}',
        f'argosy_requests_total{{code="INTERNAL",{labels}}} {failed}',
        *(
            f'argosy_request_seconds_bucket{{le="{le}",{labels}}} {count}'
            for le, count in zip(("0.1", "0.2", "+Inf"), buckets, strict=False)
        ),
        f"argosy_batch_items_sum{{{labels}}} {ok * 4}",
        f"argosy_batch_items_count{{{labels}}} {ok}",
    ]


def engine(seconds: float, queue: float, refused: float) -> list[str]:
    labels = 'domain="vision",model="digits",version="1"'
    return [
        f"argosy_engine_seconds_total{{{labels}}} {seconds}",
        f"argosy_engine_instances{{{labels}}} 2",
        f"argosy_queue_items{{{labels}}} {queue}",
        f"argosy_queue_age_seconds{{{labels}}} {queue / 10}",
        f'argosy_refused_total{{when="queue_full",{labels}}} {refused}',
    ]


def test_the_figures_of_a_model_add_up_its_replicas() -> None:
    before = [page(1, 100.0, *calls(10, 0, 10, 10, 10), *engine(5, 9, 0)), page(2, 100.5, *engine(0, 9, 0))]
    after = [
        page(1, 102.0, *calls(30, 0, 30, 30, 30), *engine(7, 3, 4)),
        page(2, 102.5, *calls(10, 10, 0, 20, 20), *engine(1, 1, 2)),
    ]
    (one,) = figures([model("READY", "FAILED")], before, after)
    assert (one.ready, one.replicas) == (1, 2)
    assert one.per_second == pytest.approx(20 / 2 + 20 / 2)
    assert one.errors_per_second == pytest.approx(10 / 2)
    assert (one.p50_ms, one.p99_ms) == (pytest.approx(100), pytest.approx(198))
    assert one.batch_items == pytest.approx(4)
    assert (one.queue_items, one.queue_age_s) == (4, 0.3)
    assert one.refused_per_second == pytest.approx(3)
    assert one.busy == pytest.approx(3 / 8)


def test_a_worker_that_began_anew_counts_from_zero() -> None:
    (one,) = figures([model("READY")], [page(1, 0, *calls(1000, 0))], [page(1, 1, *calls(3, 0))])
    assert one.per_second == pytest.approx(3)


def test_a_worker_read_for_the_first_time_has_no_rate_yet() -> None:
    (one,) = figures([model("READY")], [], [page(1, 1, *calls(1000, 0), *engine(5, 2, 0))])
    assert (one.per_second, one.p50_ms, one.busy, one.queue_items) == (0, None, None, 2)


def test_workers_that_cannot_be_read_are_told_with_the_reason() -> None:
    before = [page(1, 0, "process_cpu_seconds_total 1")]
    after = [
        page(1, 2, "process_cpu_seconds_total 2", "process_resident_memory_bytes 5e+07"),
        Page(worker(2), 2, error="refused"),
    ]
    first, second = worker_figures([worker(1), worker(2)], before, after)
    assert (first.error, first.memory_bytes, first.cpu) == ("", 5e7, 0.5)
    assert (second.error, second.memory_bytes, second.cpu) == ("refused", None, None)
