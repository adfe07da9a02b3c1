# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from argosy_gateway.resources.clusters import clusters
from argosy_gateway.resources.endpoints import assignments

from tests.unit.gateway.fleets import fleet, model, worker


def test_there_is_one_cluster_per_domain_and_one_of_all() -> None:
    rendered = {cluster.name: cluster for cluster in clusters(("nlp", "vision"))}
    assert rendered.keys() == {"domain/nlp", "domain/vision", "fleet"}
    assert [list(selector.keys) for selector in rendered["domain/nlp"].lb_subset_config.subset_selectors] == [["model"]]
    assert not rendered["fleet"].HasField("lb_subset_config")


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
