# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The route configuration: path -> domain, then ``x-model`` -> subset of the domain's cluster (see ``sharing``).

Calls without ``x-model`` take a route that has the model read from the message (field extraction and ``model.lua``),
which sets the header and chooses again; calls with it pay for neither filter.
"""

from collections.abc import Iterable

from argosy import v2
from envoy.config.route.v3.route_components_pb2 import Route, RouteMatch, VirtualHost
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from xds.type.matcher.v3.matcher_pb2 import Matcher

from argosy_gateway import services
from argosy_gateway.resources import actions, matchers, refusals, sharing
from argosy_gateway.resources.names import FLEET, FRONT, ROUTES
from argosy_gateway.resources.retries import retry_policy
from argosy_gateway.resources.routing import ModelRoute, Routing
from argosy_gateway.services import Method

_MODEL = "x-model"


def route_configuration(routing: Routing) -> RouteConfiguration:
    """Renders all routes."""
    choices = {f"/{service}/": _domain(service, methods, routing) for service, methods in _by_service().items()}
    choices[_V2_PREFIX] = _models(services.v2_model_methods(), list(routing.models.values()), routing)
    host = VirtualHost(
        name="all",
        domains=["*"],
        matcher=matchers.by_prefix(":path", choices, otherwise=_others()),
        retry_policy=retry_policy(distant=routing.distant),
    )
    return RouteConfiguration(name=ROUTES, virtual_hosts=[host])


#: V2 methods about one model begin so; a map of prefixes keeps the many other V2 paths out of it.
_V2_PREFIX = f"/{v2.SERVICE}/Model"


def _by_service() -> dict[str, list[Method]]:
    found: dict[str, list[Method]] = {}
    for method in services.typed_methods():
        found.setdefault(method.service, []).append(method)
    return found


def _domain(service: str, methods: list[Method], routing: Routing) -> Matcher.OnMatch:
    return _models(methods, routing.in_domain(methods[0].domain), routing)


def _models(methods: Iterable[Method], models: Iterable[ModelRoute], routing: Routing) -> Matcher.OnMatch:
    """Known methods of a service: by ``x-model`` where it names a known model, else by what the call lacks."""
    methods = list(methods)
    choices = {model.name: sharing.to_model(model, methods) for model in models}
    unnamed = matchers.to_routes(
        [
            _refused(refusals.UNKNOWN_MODEL, RouteMatch(prefix="/", headers=matchers.given(_MODEL))),
            Route(
                match=RouteMatch(prefix="/", headers=matchers.given("grpc-encoding", except_for="identity")),
                route=actions.to_cluster(FRONT),
            ),
            *(route for method in methods for route in _unnamed(method, routing)),
        ]
    )
    by_model = matchers.nested(matchers.by_value(_MODEL, choices, otherwise=unnamed))
    paths = [method.path for method in methods]
    return matchers.nested(matchers.if_one_of(":path", paths, then=by_model, otherwise=_others()))


def _unnamed(method: Method, routing: Routing) -> list[Route]:
    """The routes of a call without ``x-model``: one stands if the message names no model either."""
    default = routing.defaults.get((method.domain, method.name))
    if default is None:
        found = [_refused(refusals.MODEL_REQUIRED, RouteMatch(path=method.path))]
    else:
        found = sharing.routes(routing.models[default], method)
    for route in found:
        route.match.path = method.path
        if default is not None:
            route.request_headers_to_add.append(refusals.overwrite(_MODEL, default))
        actions.read_model_from_message(route)
    return found


def _others() -> Matcher.OnMatch:
    """Calls that belong to no model."""
    fronts = [Route(match=RouteMatch(path=path), route=actions.to_cluster(FRONT)) for path in services.front_paths()]
    fleets = [Route(match=RouteMatch(path=path), route=actions.to_cluster(FLEET)) for path in services.v2_fleet_paths()]
    return matchers.to_routes([*fronts, *fleets, _refused(refusals.UNKNOWN_METHOD, RouteMatch(prefix="/"))])


def _refused(refusal: refusals.Refusal, match: RouteMatch) -> Route:
    route = Route(
        match=match, direct_response=refusals.direct_response(), response_headers_to_add=refusals.headers(refusal)
    )
    if refusal.dynamic:
        actions.run_script(route)
    return route
