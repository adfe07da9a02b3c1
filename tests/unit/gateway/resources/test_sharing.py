# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Which routes a model's calls have. What Envoy makes of them: tests/contract/gateway/test_traffic.py."""

import pytest
from argosy_gateway import services
from argosy_gateway.resources import sharing
from argosy_gateway.resources.routing import ModelRoute, routing
from argosy_gateway.services import Method
from argosy_gateway.traffic import Share, Traffic
from envoy.config.route.v3.route_components_pb2 import Route

from tests.unit.gateway.fleets import fleet, model, worker

SPLIT = (Share(2, 1000), Share(1, 9000))
MIRROR = (Share(2, 250),)


def method(name: str) -> Method:
    (found,) = (each for each in services.v2_model_methods() if each.name == name)
    return found


def routes(model: ModelRoute, name: str = "ModelInfer") -> list[Route]:
    return sharing.routes(model, method(name))


def conditions(route: Route) -> set[str]:
    return {header.name for header in route.match.headers}


def versions(route: Route) -> dict[str, int]:
    """Weight of each version that a route's calls are told to use."""
    found = {}
    for cluster in route.route.weighted_clusters.clusters:
        (header,) = cluster.request_headers_to_add
        assert header.header.key == "argosy-version"
        subset = cluster.metadata_match.filter_metadata["envoy.lb"]["version"]
        assert subset == f"digits/{header.header.value}", "the replicas that have it"
        found[header.header.value] = cluster.weight.value
    return found


def test_calls_are_shared_out_by_weight_unless_they_ask_for_a_version() -> None:
    asked_in_session, asked, in_session, other = routes(ModelRoute("digits", ("vision",), True, SPLIT))
    assert conditions(asked_in_session) == {"argosy-version", "argosy-session"}
    assert conditions(asked) == {"argosy-version"}
    for route in (asked_in_session, asked):
        assert route.route.metadata_match.filter_metadata["envoy.lb"]["model"] == "digits"
    assert conditions(in_session) == {"argosy-session"}
    assert conditions(other) == set()
    for route in (in_session, other):
        assert versions(route) == {"1": 9000, "2": 1000}


def test_a_session_chooses_replica_and_version_by_its_hash() -> None:
    *_, in_session, other = routes(ModelRoute("digits", ("vision",), True, SPLIT))
    assert [policy.header.header_name for policy in in_session.route.hash_policy] == ["argosy-session"]
    assert in_session.route.weighted_clusters.use_hash_policy.value
    assert {each.name for each in in_session.route.weighted_clusters.clusters} == {"session/vision"}
    assert not other.route.hash_policy
    assert not other.route.weighted_clusters.HasField("use_hash_policy")


def test_copies_are_marked_and_name_their_version() -> None:
    for route in routes(ModelRoute("digits", ("vision",), True, SPLIT, MIRROR)):
        (policy,) = route.route.request_mirror_policies
        assert policy.cluster == "shadow/digits/2"
        assert policy.runtime_fraction.default_value.numerator == 250
        marks = {each.append.header.key: each.append.header.value for each in policy.request_headers_mutations}
        assert marks == {"argosy-shadow": "1", "argosy-version": "2"}


def test_streams_are_not_copied() -> None:
    for route in routes(ModelRoute("digits", ("vision",), True, SPLIT, MIRROR), "ModelStreamInfer"):
        assert not route.route.request_mirror_policies


@pytest.mark.parametrize("name", ["ModelReady", "ModelMetadata", "ModelConfig"])
def test_questions_about_a_model_are_answered_by_its_largest_version_and_not_copied(name: str) -> None:
    *_, other = routes(ModelRoute("digits", ("vision",), True, SPLIT, MIRROR), name)
    assert versions(other) == {"1": 9000}
    assert not other.route.request_mirror_policies


def shared(split: tuple[Share, ...], **states: str) -> ModelRoute:
    held = model("digits", versions={int(name[1:]): state for name, state in states.items()})
    return routing(fleet(worker("vision", 1, held), traffic={"digits": Traffic(split)})).models["digits"]


def test_versions_that_no_replica_can_answer_get_no_calls() -> None:
    assert shared(SPLIT, v1="READY", v2="READY").split == SPLIT
    assert shared(SPLIT, v1="READY", v2="FAILED").split == (Share(1, 9000),)
    assert shared(SPLIT, v1="LOADING", v2="READY").split == (Share(2, 1000),)


def test_where_none_of_them_answers_the_largest_says_why() -> None:
    assert shared(SPLIT, v1="FAILED", v3="READY").split == (Share(1, 9000),)


def test_a_model_that_cannot_answer_goes_to_the_front_whatever_its_traffic() -> None:
    (route,) = routes(shared(SPLIT, v1="FAILED", v2="LOADING"))
    assert route.route.cluster == "front"
