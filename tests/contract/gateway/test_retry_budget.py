# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Retries must not make of a fleet in trouble one with twice the calls; see also ``e2e/test_retry_budget.py``."""

from pathlib import Path

import pytest

from tests.contract.gateway.fleet import run_standin
from tests.contract.gateway.load import in_flight
from tests.support.envoy import Gateway, run_gateway

DEFAULT = {"digits": {"default_for": ["Classify"]}}
SMALL = "tests.contract.gateway.control_plane_with_small_budget"
CALLS = 2_000
#: A fifth of what is in flight may be retries: one for four first attempts.
MOST_ATTEMPTS = 1.25


def attempts(gateway: Gateway) -> int:
    """How many calls Envoy has sent to workers."""
    (count,) = gateway.stats("^cluster.domain/vision.upstream_rq_total$").values()
    return count


@pytest.mark.parametrize(
    ("module", "concurrency", "refuse_s"),
    [
        (SMALL, 100, 0.1),
        # On each of two connections: with at least 1,000 at Envoy the share counts and not the minimum of 200.
        pytest.param("argosy_gateway", 800, 2, marks=pytest.mark.slow),
    ],
)
async def test_where_all_workers_refuse_retries_stay_within_their_budget(
    tmp_path: Path, module: str, concurrency: int, refuse_s: float
) -> None:
    metadata = [("test-do", f"refuse:{refuse_s}")]
    with (
        run_standin("vision", "A", DEFAULT) as a,
        run_standin("vision", "B", DEFAULT) as b,
        run_gateway([("vision", a.address), ("vision", b.address)], tmp_path, module=module) as gateway,
    ):
        async with (
            in_flight(gateway.address, "digits", concurrency, metadata, deadline=60) as one,
            in_flight(gateway.address, "digits", concurrency, metadata, deadline=60) as other,
        ):
            await one.more(CALLS // 2)
            await other.more(CALLS // 2)
        assert {*one.codes, *other.codes} == {"UNAVAILABLE"}
        calls = one.total + other.total
        assert calls < attempts(gateway) <= MOST_ATTEMPTS * calls
