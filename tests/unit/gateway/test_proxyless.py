# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from argosy_gateway.proxyless import ConfigurationBuilder, ProxylessBuilder
from argosy_gateway.snapshot import CLUSTER, ENDPOINT, LISTENER, ROUTE
from envoy.config.endpoint.v3.endpoint_pb2 import ClusterLoadAssignment

from tests.unit.gateway.fleets import fleet, model, worker

ONE = fleet(worker("vision", 1, model("a"), model("b")), worker("nlp", 2, model("c")))


def test_another_replica_changes_the_endpoints_of_its_models_alone() -> None:
    builder = ProxylessBuilder()
    before = builder.build(ONE).by_type
    after = builder.build(fleet(*ONE.workers, worker("vision", 3, model("a")))).by_type
    for kind in (LISTENER, ROUTE, CLUSTER):
        assert after[kind] is before[kind]
    changed = {name for name, item in after[ENDPOINT].items.items() if item != before[ENDPOINT].items[name]}
    assert changed == {"domain/vision", "model/a"}


def test_every_cluster_has_endpoints_and_equal_fleets_have_equal_versions() -> None:
    found = ProxylessBuilder().build(ONE).by_type
    assert found[CLUSTER].items.keys() == found[ENDPOINT].items.keys()
    turned = ProxylessBuilder().build(fleet(*reversed(ONE.workers))).by_type
    assert {kind: each.version for kind, each in found.items()} == {kind: each.version for kind, each in turned.items()}


def test_localities_have_what_grpc_refuses_to_do_without() -> None:
    packed = ProxylessBuilder().build(ONE).by_type[ENDPOINT].items["model/a"]
    (locality,) = ClusterLoadAssignment.FromString(packed.value).endpoints
    assert locality.locality.zone
    assert locality.load_balancing_weight.value == 1


def test_grpc_clients_part_is_rendered_when_one_asks() -> None:
    builder = ConfigurationBuilder()
    first, second = builder.build(ONE), builder.build(ONE)
    assert "grpc" not in vars(first)
    assert second.grpc.by_type[ROUTE] is first.grpc.by_type[ROUTE]
    assert first.envoy.by_type.keys() == {CLUSTER, ENDPOINT, ROUTE}
