# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from argosy_gateway import services
from argosy_gateway.fleet import Fleet
from argosy_gateway.resources import proxyless
from argosy_gateway.resources.routing import routing
from envoy.config.route.v3.route_components_pb2 import HeaderMatcher

from tests.unit.gateway.fleets import fleet, model, worker


def routes(held: Fleet, domain: str) -> list[tuple[str, str, str]]:
    """Of each route in order: the model that a call names, its path, the cluster."""
    (found,) = (each for each in proxyless.route_configurations(routing(held)) if each.name == f"argosy.{domain}")
    (host,) = found.virtual_hosts
    return [
        (" ".join(map(_value, route.match.headers)), route.match.path, route.route.cluster) for route in host.routes
    ]


def _value(header: HeaderMatcher) -> str:
    """What a header is compared with. It is never nothing: grpc-go 1.76 panics when told to."""
    return header.exact_match or header.safe_regex_match.regex


def test_there_is_a_listener_for_each_domain_whether_or_not_it_has_workers() -> None:
    assert {listener.name for listener in proxyless.listeners()} == {f"argosy.{each}" for each in services.domains()}


def test_calls_go_by_model_then_by_the_methods_default_model_else_to_the_domain() -> None:
    held = fleet(worker("vision", 1, model("a", default_for=("Classify",)), model("b")), worker("nlp", 2, model("c")))
    assert routes(held, "vision") == [
        ("a", "", "model/a"),
        ("b", "", "model/b"),
        (".+", "", "domain/vision"),
        ("", "/argosy.vision.v1.VisionService/Classify", "model/a"),
        ("", "", "domain/vision"),
    ]
    assert routes(held, "tabular") == [(".+", "", "domain/tabular"), ("", "", "domain/tabular")]


def test_a_cluster_has_the_workers_that_answer_its_model() -> None:
    held = fleet(
        worker("vision", 1, model("a"), model("b")),
        worker("vision", 2, model("a", "FAILED"), model("b")),
        worker("vision", 3, model("a", "EVICTED")),
        worker("vision", 4, model("a"), status="DRAINING"),
        worker("vision", 5, model("a"), status="UNREACHABLE"),
    )
    found = proxyless.replicas(held)
    assert found["model/a"] == ("127.0.0.1:1", "127.0.0.1:3")
    assert found["model/b"] == ("127.0.0.1:1", "127.0.0.1:2")
    assert found["domain/vision"] == ("127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3")
    assert found["domain/nlp"] == ()


def test_where_no_worker_answers_a_model_those_that_hold_it_say_why() -> None:
    held = fleet(worker("vision", 1, model("a", "FAILED")), worker("vision", 2), worker("vision", 3, model("a")))
    assert proxyless.replicas(held)["model/a"] == ("127.0.0.1:3",)
    held = fleet(worker("vision", 1, model("a", "FAILED")), worker("vision", 2))
    assert proxyless.replicas(held)["model/a"] == ("127.0.0.1:1",)


def test_a_name_that_two_domains_use_answers_nowhere() -> None:
    held = fleet(worker("vision", 1, model("a")), worker("nlp", 2, model("a")))
    assert proxyless.replicas(held)["model/a"] == ()


def test_clusters_eject_nobody() -> None:
    assert not proxyless.cluster("model/a").HasField("outlier_detection")
