# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The route configuration: path -> domain, then ``x-model`` -> subset of the domain's cluster.

Calls without ``x-model`` take a route that has the model read from the message (field extraction and ``model.lua``),
which sets the header and chooses again; calls with it pay for neither filter.
"""

from collections.abc import Iterable

from argosy import v2
from envoy.config.route.v3.route_components_pb2 import HeaderMatcher, Route, RouteMatch, VirtualHost
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from envoy.type.matcher.v3.string_pb2 import StringMatcher
from xds.type.matcher.v3.matcher_pb2 import Matcher

from argosy_gateway import services
from argosy_gateway.resources import actions, matchers, refusals
from argosy_gateway.resources.names import FLEET, FRONT, ROUTES, domain_cluster
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
        retry_policy=retry_policy(),
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
    choices = {model.name: matchers.to_route(_to_model(model)) for model in models}
    unnamed = matchers.to_routes(
        [
            _refused(refusals.UNKNOWN_MODEL, RouteMatch(prefix="/", headers=_present(_MODEL, except_for=""))),
            Route(
                match=RouteMatch(prefix="/", headers=_present("grpc-encoding", except_for="identity")),
                route=actions.to_cluster(FRONT),
            ),
            *(_unnamed(method, routing) for method in methods),
        ]
    )
    by_model = matchers.nested(matchers.by_value(_MODEL, choices, otherwise=unnamed))
    paths = [method.path for method in methods]
    return matchers.nested(matchers.if_one_of(":path", paths, then=by_model, otherwise=_others()))


def _to_model(model: ModelRoute) -> Route:
    action = (
        actions.to_subset(domain_cluster(model.domains[0]), model.name)
        if model.answerable
        else actions.to_cluster(FRONT)
    )
    return Route(match=RouteMatch(prefix="/"), route=action)


def _unnamed(method: Method, routing: Routing) -> Route:
    """The route of a call without ``x-model``: stands if the message names no model either."""
    match = RouteMatch(path=method.path)
    default = routing.defaults.get((method.domain, method.name))
    if default is None:
        route = _refused(refusals.MODEL_REQUIRED, match)
    else:
        route = _to_model(routing.models[default])
        route.match.CopyFrom(match)
        route.request_headers_to_add.append(refusals.overwrite(_MODEL, default))
    actions.read_model_from_message(route)
    return route


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


def _present(header: str, *, except_for: str) -> list[HeaderMatcher]:
    """Matches a header that is there with any value but one."""
    return [
        HeaderMatcher(name=header, present_match=True),
        HeaderMatcher(name=header, string_match=StringMatcher(exact=except_for), invert_match=True),
    ]
