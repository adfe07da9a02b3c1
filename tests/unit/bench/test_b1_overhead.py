# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""B1: arithmetic, and one tiny run of it all."""

import math

import pytest

from bench import b1_overhead, generator
from bench.b1_report import APART, BARE, ECHO, GATEWAY, REFUSED, UNNAMED, WORKER, Round, Sample, summarize
from bench.generator import Ask
from bench.procs import ServerFailed

CALLS = 100


def one_round(
    echo_us: float, worker_us: float, behind_us: float, wrong: dict[str, int] | None = None, refusal_us: float = 1
) -> Round:
    costs = {
        ECHO: echo_us,
        WORKER: worker_us,
        BARE: behind_us,
        GATEWAY: behind_us,
        UNNAMED: behind_us,
        APART: behind_us,
    }
    found = {
        ("m", server): Sample(
            "m",
            server,
            1000.0,
            cpu_us,
            50.0 if server in (BARE, GATEWAY, UNNAMED, APART) else 0.0,
            0.9,
            CALLS,
            wrong or {},
        )
        for server, cpu_us in costs.items()
    }
    for server, cpu_us in {ECHO: echo_us, WORKER: refusal_us}.items():
        found[REFUSED, server] = Sample(REFUSED, server, 1000.0, cpu_us, 0.0, 0.9, CALLS, {})
    return found


def section(*rounds: Round, counted: int | None = None):  # type: ignore[no-untyped-def]
    sent = 5 * CALLS * len(rounds)
    return summarize(rounds, sent if counted is None else counted, [], Ask("", "", b""), one_core=False)


def test_ratios_are_taken_within_a_round() -> None:
    # Across rounds the worker's cheapest (300) against the echo's dearest (300) would be 1.
    worker, envoy, _ = section(one_round(100, 150, 190), one_round(200, 300, 380), one_round(300, 450, 570)).bounds
    assert (worker.measured.low, worker.measured.median, worker.measured.high) == (1.5, 1.5, 1.5)
    assert math.isclose(envoy.measured.median, 0.4)


def test_bounds_are_kept_or_missed() -> None:
    assert section(one_round(100, 150, 200)).passed
    assert not section(one_round(100, 161, 200)).passed
    assert not section(one_round(100, 150, 201)).passed
    assert section(one_round(100, 150, 200, refusal_us=130)).passed
    assert not section(one_round(100, 150, 200, refusal_us=131)).passed


def test_a_wrong_reply_fails_the_run() -> None:
    found = section(one_round(100, 110, 120, wrong={"UNAVAILABLE": 1}))
    assert not found.passed
    assert "UNAVAILABLE" in found.failures[0]


def test_calls_that_the_metrics_do_not_know_fail_the_run() -> None:
    assert not section(one_round(100, 110, 120), counted=5 * CALLS - 1).passed


async def test_a_short_run_measures_every_server_with_every_call_right() -> None:
    try:
        generator.build()
    except ServerFailed as error:
        pytest.skip(str(error))
    found = await b1_overhead.run(1, 0.1, lambda _text: None, in_flight=2)
    assert found.failures == ()
    assert [row[:2] for row in found.table.rows] == [
        (method, server)
        for method in ("V2 ModelInfer", "typed Predict")
        for server in (ECHO, WORKER, BARE, GATEWAY, UNNAMED, APART)
    ] + [(REFUSED, ECHO), (REFUSED, WORKER)]
    assert all(sample["calls"] > 0 for sample in found.rounds[0])
    assert len(found.bounds) == 5
