# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Retries must not make of a fleet in trouble one with twice the calls."""

from pathlib import Path

from tests.contract.gateway.fleet import run_standin
from tests.contract.gateway.load import in_flight
from tests.support.envoy import Gateway, run_gateway

DEFAULT = {"digits": {"default_for": ["Classify"]}}
CALLS = 3_000
#: As many as there may be on one connection; from here on the share counts and not the minimum of 200.
IN_FLIGHT = 1_000
#: A fifth of what is in flight may be retries: one for four first attempts.
MOST_ATTEMPTS = 1.25


def attempts(gateway: Gateway, cluster: str) -> int:
    """How many calls Envoy has sent to workers."""
    (count,) = gateway.stats(f"^cluster.{cluster}.upstream_rq_total$").values()
    return count


async def test_where_all_workers_refuse_retries_stay_within_their_budget(tmp_path: Path) -> None:
    with (
        run_standin("vision", "A", DEFAULT) as a,
        run_standin("vision", "B", DEFAULT) as b,
        run_gateway([("vision", a.address), ("vision", b.address)], tmp_path) as gateway,
    ):
        metadata = [("test-do", "refuse:0.5")]
        async with in_flight(gateway.address, "digits", IN_FLIGHT, metadata, deadline=60) as load:
            await load.more(CALLS)
        assert load.codes.keys() == {"UNAVAILABLE"}
        assert load.total < attempts(gateway, "domain/vision") <= MOST_ATTEMPTS * load.total
