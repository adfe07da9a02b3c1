# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What probes and scrapers get of Envoy, and what they do not."""

import http.client
from collections.abc import Iterator

import pytest

from tests.contract.gateway.fleet import run_standin
from tests.support.envoy import free_ports, run_gateway


@pytest.fixture(scope="module")
def status_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a gateway's status pages."""
    (port,) = free_ports(1)
    folder = tmp_path_factory.mktemp("gateway")
    with (
        run_standin("vision", "A", {"digits": {}}) as worker,
        run_gateway([("vision", worker.address)], folder, envoy_options=["--status-port", str(port)]),
    ):
        yield port


def answer(port: int, method: str, path: str) -> tuple[int, str]:
    """Status and text of an answer; the path is sent as it is."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def test_probes_hear_that_envoy_is_ready_and_scrapers_get_its_metrics(status_port: int) -> None:
    assert answer(status_port, "GET", "/ready") == (200, "LIVE\n")
    status, metrics = answer(status_port, "GET", "/stats/prometheus")
    assert status == 200
    assert "envoy_cluster_upstream_rq_total{" in metrics


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/quitquitquit"),
        ("POST", "/ready"),
        ("POST", "/drain_listeners?graceful"),
        ("GET", "/config_dump"),
        ("GET", "/"),
        ("GET", "/ready/../config_dump"),
        ("GET", "/ready/..%2fconfig_dump"),
        ("GET", "//config_dump"),
    ],
)
def test_nothing_else_of_the_admin_can_be_reached(status_port: int, method: str, path: str) -> None:
    status, text = answer(status_port, method, path)
    assert status in (400, 404)
    assert text == ""
    assert answer(status_port, "GET", "/ready")[0] == 200
