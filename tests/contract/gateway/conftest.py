# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Fleets that tests of one process share. Stand-in workers, since answers must say who gave them."""

from collections.abc import Iterator

import grpc
import pytest

from tests.contract.gateway.calls import open_channel
from tests.contract.gateway.fleet import run_standin
from tests.support.envoy import Gateway, run_gateway


@pytest.fixture(scope="session")
def fleet_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway before two vision workers with disjoint models and an NLP worker; nothing about them changes."""
    vision_a = {
        "digits": {"default_for": ["Classify"]},
        "slow": {"state": "LOADING"},
        "broken": {"state": "FAILED", "reason": "golden sample 1 differs by 0.5"},
        "away": {"state": "UNLOADED"},
        "cold": {"state": "EVICTED"},
        "twice": {},
    }
    nlp = {"sentiment": {"default_for": ["Classify"]}, "lost": {"state": "LOADING", "default_for": ["Tokenize"]}}
    with (
        run_standin("vision", "A", vision_a) as a,
        run_standin("vision", "B", {"faces": {}}) as b,
        run_standin("nlp", "N", {**nlp, "twice": {}}) as n,
        run_gateway(
            [(worker.domain, worker.address) for worker in (a, b, n)], tmp_path_factory.mktemp("gateway")
        ) as gateway,
    ):
        yield gateway


@pytest.fixture(scope="session")
def channel(fleet_gateway: Gateway) -> Iterator[grpc.Channel]:
    """A channel to the shared gateway."""
    with open_channel(fleet_gateway.address) as channel:
        yield channel
