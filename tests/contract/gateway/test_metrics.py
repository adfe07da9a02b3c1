# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the control plane counts."""

import grpc
from argosy.fleet.v1 import fleet_pb2, fleet_pb2_grpc

from tests.contract.gateway.calls import VISION, call
from tests.support.envoy import Gateway, wait_for
from tests.support.scraped import scraped

FLEET = "argosy.fleet.v1.FleetService"


def test_calls_that_the_front_answers_are_counted_by_method_and_status(
    fleet_gateway: Gateway, channel: grpc.Channel
) -> None:
    before = scraped(fleet_gateway.metrics_port)
    fleet = fleet_pb2_grpc.FleetServiceStub(channel)
    fleet.ListModels(fleet_pb2.ListModelsRequest(), timeout=10)
    assert call(channel, f"/{FLEET}/GetModel", b"\x0a\x04none").code is grpc.StatusCode.NOT_FOUND
    assert call(channel, f"{VISION}/Classify", b"", metadata=[("x-model", "slow")]).code is grpc.StatusCode.UNAVAILABLE
    watch = fleet.WatchModels(fleet_pb2.WatchModelsRequest(), timeout=10)
    next(watch)
    watch.cancel()
    expected = (
        (f"{FLEET}/ListModels", "OK"),
        (f"{FLEET}/GetModel", "NOT_FOUND"),
        (f"{FLEET}/WatchModels", "CANCELLED"),
        (f"{VISION.removeprefix('/')}/Classify", "UNAVAILABLE"),
    )
    for method, code in expected:
        key = ("argosy_gateway_front_calls_total", code, method)
        wait_for(
            lambda key=key: scraped(fleet_gateway.metrics_port).get(key, 0) > before.get(key, 0),
            str(key),
            fleet_gateway,
        )


def test_what_envoy_accepts_is_counted(fleet_gateway: Gateway) -> None:
    values = scraped(fleet_gateway.metrics_port)
    for kind in ("Cluster", "ClusterLoadAssignment", "RouteConfiguration"):
        accepted, sent = (values[f"argosy_gateway_ads_{what}_total", kind] for what in ("acks", "responses"))
        assert 1 <= accepted <= sent


def test_the_process_itself_is_measured(fleet_gateway: Gateway) -> None:
    assert scraped(fleet_gateway.metrics_port)["process_resident_memory_bytes",] > 1 << 20
