# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator

from argosy_gateway.resources.refusals import MODEL_REQUIRED, UNKNOWN_METHOD, UNKNOWN_MODEL, headers
from argosy_gateway.resources.retries import RETRY_ON, retry_policy
from argosy_gateway.resources.routes import route_configuration
from argosy_gateway.resources.routing import routing
from envoy.config.route.v3.route_components_pb2 import Route, RouteList
from google.protobuf.message import Message

from tests.unit.gateway.fleets import fleet, model, worker

FLEET = fleet(
    worker("vision", 1, model("digits", default_for=("Classify",)), model("slow", "LOADING")),
    worker("nlp", 2, model("sentiment")),
)


def routes(message: Message) -> Iterator[Route]:
    """Every route inside a matcher."""
    for field, value in message.ListFields():
        values = value.values() if field.message_type and field.message_type.GetOptions().map_entry else None
        for each in values or (value if field.is_repeated else [value]):
            if not isinstance(each, Message):
                continue
            if each.DESCRIPTOR.full_name == "google.protobuf.Any":
                for kind in (Route, RouteList):
                    inner = kind()
                    if each.Unpack(inner):
                        yield from inner.routes if kind is RouteList else [inner]
            else:
                yield from routes(each)


def rendered() -> list[Route]:
    (host,) = route_configuration(routing(FLEET)).virtual_hosts
    return list(routes(host.matcher))


def test_no_route_has_a_time_limit() -> None:
    to_clusters = [route for route in rendered() if route.HasField("route")]
    assert len(to_clusters) > 20
    for route in to_clusters:
        assert route.route.HasField("timeout")
        assert route.route.HasField("idle_timeout")
        assert route.route.timeout.ToSeconds() == route.route.idle_timeout.ToSeconds() == 0
        assert not route.route.HasField("max_stream_duration")


def test_calls_that_name_their_model_in_metadata_pay_for_no_filter() -> None:
    named = [route for route in rendered() if route.match.prefix == "/" and route.HasField("route")]
    by_model = [route for route in named if route.route.HasField("metadata_match")]
    assert len(by_model) == 8, "two models, each for typed and V2 calls, with and without a session"
    assert not any(route.typed_per_filter_config for route in named)


def test_a_model_without_a_ready_replica_goes_to_the_front() -> None:
    subsets = {
        route.route.metadata_match.filter_metadata["envoy.lb"]["model"]: route.route.cluster
        for route in rendered()
        if route.route.HasField("metadata_match")
    }
    assert subsets == {"digits": "domain/vision", "sentiment": "domain/nlp"}


def test_equal_fleets_have_equal_routes_and_endpoints_do_not_matter() -> None:
    more = fleet(*FLEET.workers, worker("vision", 3, model("digits", default_for=("Classify",))))
    assert routing(more) == routing(FLEET)
    first, second = (route_configuration(routing(each)).SerializeToString(deterministic=True) for each in (FLEET, more))
    assert first == second


def test_details_of_fixed_refusals_are_made_here_and_those_of_others_by_the_script() -> None:
    def keys(refusal: object) -> set[str]:
        return {option.header.key for option in headers(refusal)}  # type: ignore[arg-type]

    assert "grpc-status-details-bin" in keys(MODEL_REQUIRED)
    for refusal in (UNKNOWN_MODEL, UNKNOWN_METHOD):
        assert "argosy-reason" in keys(refusal)
        assert "grpc-status-details-bin" not in keys(refusal)


def test_retries_never_follow_a_status_that_a_caller_can_provoke() -> None:
    known = {"connect-failure", "refused-stream", "reset-before-request", "retriable-headers", "reset"}
    assert set(RETRY_ON) == known, "Envoy only warns about a token that it does not know"
    assert retry_policy().retry_on.split(",") == list(RETRY_ON)
