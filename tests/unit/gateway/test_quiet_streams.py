# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Nothing that is rendered ends a quiet stream; the slow test in ``contract/gateway`` waits for six minutes."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from argosy_gateway.bootstrap import Options, bootstrap
from argosy_gateway.resources.upstream import http2
from argosy_gateway.snapshot import CLUSTER, ROUTE, SnapshotBuilder
from argosy_gateway.traffic import Share, Traffic
from argosy_worker.serving import server
from google.protobuf.json_format import MessageToDict

from tests.unit.gateway.fleets import fleet, model, worker

#: Settings of any hop that limit how long a stream lasts, or is quiet.
LIMITS = {
    "maxStreamDuration",
    "maxConnectionDuration",
    "perTryTimeout",
    "perTryIdleTimeout",
    "hedgePolicy",
    "streamFlushTimeout",
}


def rendered(kind: str) -> list[dict[str, Any]]:
    """Resources of a fleet with a model that is ready, one that is not, one that is shared out and mirrored."""
    shared = {"b": Traffic(split=(Share(1, 5000),), mirror=(Share(1, 5000),))}
    models = (model("a", default_for=("Classify",)), model("b"), model("c", "LOADING"))
    snapshot = SnapshotBuilder().build(fleet(worker("vision", 1, *models), worker("nlp", 2), traffic=shared))
    return [MessageToDict(item) for item in snapshot.by_type[kind].items.values()]


def nested(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nested(each)


def test_no_route_ends_a_stream() -> None:
    objects = [each for resource in rendered(ROUTE) for each in nested(resource)]
    actions = [each["route"] for each in objects if isinstance(each.get("route"), dict)]
    assert len(actions) > 10
    assert {(action["timeout"], action["idleTimeout"]) for action in actions} == {("0s", "0s")}
    assert not LIMITS & {key for each in objects for key in each}


def test_no_cluster_ends_a_stream() -> None:
    objects = [each for resource in rendered(CLUSTER) for each in nested(resource)]
    assert not (LIMITS | {"commonHttpProtocolOptions", "idleTimeout"}) & {key for each in objects for key in each}


def test_the_listener_ends_no_stream() -> None:
    (listener,) = bootstrap(Options("127.0.0.1:18000"))["static_resources"]["listeners"]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    assert (manager["stream_idle_timeout"], manager["request_timeout"]) == ("0s", "0s")
    limits = {"max_stream_duration", "max_connection_duration", "idle_timeout", "stream_flush_timeout"}
    assert not limits & {*manager, *manager.get("common_http_protocol_options", {})}
    # Pings of the gateway's would end the connections of callers that do not expect them.
    assert "connection_keepalive" not in manager["http2_protocol_options"]


def test_a_worker_accepts_the_gateways_pings_and_closes_no_connection_for_its_age_or_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: dict[str, Any] = {}

    class Server:
        """Takes a port."""

        def add_insecure_port(self, _address: str) -> int:
            """Any."""
            return 1

    def create(options: list[tuple[str, Any]]) -> Server:
        given.update(options)
        return Server()

    monkeypatch.setattr(grpc.aio, "server", create)
    server.bind("127.0.0.1", 0, 1)
    pings = http2()["explicit_http_config"]["http2_protocol_options"]["connection_keepalive"]["interval"]
    assert given["grpc.http2.min_ping_interval_without_data_ms"] <= float(pings.removesuffix("s")) * 1000
    assert given["grpc.http2.max_ping_strikes"] == 0
    assert not {"grpc.max_connection_age_ms", "grpc.max_connection_idle_ms"} & given.keys()
