# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from argosy_gateway.resources.clusters import SHADOWS, clusters
from argosy_gateway.resources.endpoints import assignments
from argosy_gateway.traffic import Share, Traffic
from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.endpoint.v3.endpoint_components_pb2 import LbEndpoint

from tests.unit.gateway.fleets import fleet, model, worker


def test_a_domain_has_a_cluster_for_calls_and_one_for_sessions_and_there_is_one_of_all() -> None:
    rendered = {cluster.name: cluster for cluster in clusters(("nlp", "vision"))}
    assert rendered.keys() == {"domain/nlp", "domain/vision", "session/nlp", "session/vision", "fleet"}
    for name in ("domain/nlp", "session/nlp"):
        selectors = rendered[name].lb_subset_config.subset_selectors
        assert [list(selector.keys) for selector in selectors] == [["model"], ["version"]]
    assert not rendered["fleet"].HasField("lb_subset_config")
    assert rendered["session/nlp"].lb_policy == Cluster.MAGLEV
    assert rendered["session/nlp"].eds_cluster_config.service_name == "domain/nlp", "the same workers"


def test_copies_of_calls_have_a_cluster_with_limits_of_its_own() -> None:
    rendered = {cluster.name: cluster for cluster in clusters(("nlp",), [("sentiment", 2)])}
    (limits,) = rendered["shadow/sentiment/2"].circuit_breakers.thresholds
    (others,) = rendered["domain/nlp"].circuit_breakers.thresholds
    assert limits.max_requests.value == SHADOWS < others.max_requests.value
    assert not limits.HasField("retry_budget")
    assert limits.max_retries.value == 0


def test_withdrawn_models_and_workers_take_effect_at_once() -> None:
    for cluster in clusters(("nlp",)):
        assert cluster.common_lb_config.HasField("update_merge_window")
        assert cluster.common_lb_config.update_merge_window.ToNanoseconds() == 0
        assert cluster.ignore_health_on_host_removal


def test_only_failures_to_reach_a_worker_eject_it() -> None:
    for cluster in clusters(("nlp",)):
        outliers = cluster.outlier_detection
        assert outliers.split_external_local_origin_errors
        enforced = {
            field.name
            for field, value in outliers.ListFields()
            if field.name.startswith("enforcing") and value.value > 0
        }
        assert enforced == {
            "enforcing_consecutive_local_origin_failure",
            "enforcing_failure_percentage_local_origin",
        }
        assert outliers.max_ejection_percent.value == 50


def endpoints(*workers: object) -> dict[str, dict[int, list[str]]]:
    found: dict[str, dict[int, list[str]]] = {}
    for assignment in assignments(fleet(*workers)):  # type: ignore[arg-type]
        found[assignment.cluster_name] = {
            endpoint.endpoint.address.socket_address.port_value: list(
                endpoint.metadata.filter_metadata["envoy.lb"]["model"]
            )
            if "envoy.lb" in endpoint.metadata.filter_metadata
            else []
            for locality in assignment.endpoints
            for endpoint in locality.lb_endpoints
        }
    return found


def test_endpoints_carry_the_models_that_they_can_answer() -> None:
    assert endpoints(
        worker("vision", 1, model("b"), model("a", "EVICTED"), model("c", "LOADING")), worker("nlp", 2)
    ) == {"domain/vision": {1: ["a", "b"]}, "domain/nlp": {2: []}, "fleet": {1: []}}


def test_workers_that_are_gone_or_leaving_take_no_calls_and_their_clusters_stay() -> None:
    gone = worker("vision", 1, model("a"), status="UNREACHABLE")
    leaving = worker("nlp", 2, model("n"), status="DRAINING")
    assert endpoints(gone, leaving) == {"domain/nlp": {}, "domain/vision": {}, "fleet": {}}


def versions(endpoint: LbEndpoint) -> list[str]:
    return list(endpoint.metadata.filter_metadata["envoy.lb"]["version"])


def test_endpoints_carry_the_versions_that_they_can_answer() -> None:
    held = model("a", versions={1: "READY", 2: "EVICTED", 3: "LOADING"})
    vision = assignments(fleet(worker("vision", 1, held, model("b"))))[0]
    assert [versions(endpoint) for endpoint in vision.endpoints[0].lb_endpoints] == [["a/1", "a/2", "b/1"]]


def test_copies_go_to_workers_that_have_the_version_in_memory() -> None:
    workers = (
        worker("vision", 1, model("a", versions={1: "READY", 2: "READY"})),
        worker("vision", 2, model("a", versions={1: "READY", 2: "EVICTED"})),
        worker("vision", 3, model("a", versions={2: "READY"}), status="DRAINING"),
        worker("vision", 4, model("b", versions={2: "READY"})),
    )
    shared = fleet(*workers, traffic={"a": Traffic(mirror=(Share(2, 500),))})
    (found,) = (each for each in assignments(shared) if each.cluster_name == "shadow/a/2")
    ports = [end.endpoint.address.socket_address.port_value for end in found.endpoints[0].lb_endpoints]
    assert ports == [1]
