# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The fleet that these tests share. They call it and change nothing about it; tests that do run one of their own."""

import os
from collections.abc import Iterator

import grpc
import pytest
from argosy_client import Argosy

from tests.e2e.wire import open_channel
from tests.support.fleet import FleetAddresses, shared_fleet


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetAddresses]:
    """A worker of each domain with its demo model, behind a gateway: one fleet for all test processes of the run."""
    base = tmp_path_factory.getbasetemp()
    with shared_fleet((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared-fleet") as running:
        yield running


@pytest.fixture(scope="session")
def argosy(fleet: FleetAddresses) -> Iterator[Argosy]:
    """A client of the shared fleet."""
    with Argosy(fleet.gateway, timeout_s=30) as client:
        yield client


@pytest.fixture(scope="session")
def channel(fleet: FleetAddresses) -> Iterator[grpc.Channel]:
    """A channel to the shared fleet's gateway."""
    with open_channel(fleet.gateway) as opened:
        yield opened
