# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from argosy_gateway.snapshot import CLUSTER, ENDPOINT, ROUTE, Snapshot, SnapshotBuilder
from argosy_gateway.traffic import Share, Traffic
from envoy.config.cluster.v3.cluster_pb2 import Cluster

from tests.unit.gateway.fleets import fleet, model, worker

ONE = fleet(worker("vision", 1, model("a"), model("b")), worker("nlp", 2, model("c")))


def versions(snapshot: Snapshot) -> dict[str, str]:
    return {kind: resources.version for kind, resources in snapshot.by_type.items()}


def test_versions_follow_content_and_outlive_the_process() -> None:
    turned = fleet(worker("nlp", 2, model("c")), worker("vision", 1, model("b"), model("a")))
    assert versions(SnapshotBuilder().build(ONE)) == versions(SnapshotBuilder().build(turned))


def test_another_replica_changes_endpoints_alone() -> None:
    builder = SnapshotBuilder()
    before = builder.build(ONE)
    after = builder.build(fleet(*ONE.workers, worker("vision", 3, model("a"))))
    assert after.by_type[ROUTE] is before.by_type[ROUTE]
    assert after.by_type[CLUSTER] is before.by_type[CLUSTER]
    assert versions(after)[ENDPOINT] != versions(before)[ENDPOINT]


def test_a_model_that_ceases_to_answer_changes_routes_and_endpoints() -> None:
    builder = SnapshotBuilder()
    before = builder.build(ONE)
    after = builder.build(fleet(worker("vision", 1, model("a", "LOADING"), model("b")), worker("nlp", 2, model("c"))))
    assert versions(after)[ROUTE] != versions(before)[ROUTE]
    assert versions(after)[ENDPOINT] != versions(before)[ENDPOINT]
    assert versions(after)[CLUSTER] == versions(before)[CLUSTER]


def test_weights_that_change_are_routes_alone_and_a_mirror_brings_its_cluster() -> None:
    builder = SnapshotBuilder()

    def built(**shares: int) -> dict[str, str]:
        traffic = {kind: (Share(1, count),) for kind, count in shares.items()}
        return versions(builder.build(fleet(*ONE.workers, traffic={"a": Traffic(**traffic)})))

    before, split, mirrored, more = built(), built(split=10_000), built(mirror=100), built(mirror=200)
    assert {kind for kind in before if before[kind] != split[kind]} == {ROUTE}
    assert {kind for kind in before if before[kind] != mirrored[kind]} == {CLUSTER, ENDPOINT, ROUTE}
    assert {kind for kind in before if more[kind] != mirrored[kind]} == {ROUTE}


def test_every_cluster_has_endpoints_to_wait_for() -> None:
    snapshot = SnapshotBuilder().build(ONE)
    clusters = [Cluster.FromString(item.value) for item in snapshot.by_type[CLUSTER].items.values()]
    wanted = {cluster.eds_cluster_config.service_name or cluster.name for cluster in clusters}
    assert wanted == snapshot.by_type[ENDPOINT].items.keys()
