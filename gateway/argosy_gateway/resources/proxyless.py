# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What gRPC clients are told that balance by themselves (``xds:///argosy.DOMAIN``), in the part of xDS that gRPC has.

Listener -> routes by ``x-model`` -> one cluster for each model. gRPC knows neither subsets nor direct responses: what
belongs to no known model goes to any worker of the domain, which says what is wrong.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.core.v3.config_source_pb2 import AggregatedConfigSource, ApiVersion, ConfigSource
from envoy.config.listener.v3.api_listener_pb2 import ApiListener
from envoy.config.listener.v3.listener_pb2 import Listener
from envoy.config.route.v3.route_components_pb2 import (
    HeaderMatcher,
    RetryPolicy,
    Route,
    RouteAction,
    RouteMatch,
    VirtualHost,
)
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from envoy.extensions.filters.http.router.v3.router_pb2 import Router
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import (
    HttpConnectionManager,
    HttpFilter,
    Rds,
)
from envoy.type.matcher.v3.regex_pb2 import RegexMatcher
from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import ParseDict
from google.protobuf.wrappers_pb2 import UInt32Value

from argosy_gateway import services
from argosy_gateway.fleet import Fleet, ModelView, reachable
from argosy_gateway.resources.matchers import packed
from argosy_gateway.resources.names import domain_cluster
from argosy_gateway.resources.routing import Routing

_MODEL = "x-model"
#: Statuses after which a second attempt is made. A worker says UNAVAILABLE where another one may answer, and forbids
#: attempts where it has too much work. gRPC says CANCELLED of calls that reach a worker as it closes its port.
RETRY_ON = "cancelled,unavailable"


def target(domain: str) -> str:
    """Name by which a client asks for a domain, without ``xds:///``."""
    return f"argosy.{domain}"


def model_cluster(model: str) -> str:
    """Name of the cluster of one model's replicas."""
    return f"model/{model}"


def listeners() -> list[Listener]:
    """Renders where clients begin: one for each domain there is, since gRPC waits long for one that does not exist."""
    return [_listener(target(domain)) for domain in services.domains()]


def route_configurations(routing: Routing) -> list[RouteConfiguration]:
    """Renders the routes of each domain."""
    return [
        RouteConfiguration(
            name=target(domain),
            virtual_hosts=[
                VirtualHost(name=domain, domains=["*"], routes=_routes(domain, routing), retry_policy=retry_policy())
            ],
        )
        for domain in services.domains()
    ]


def cluster(name: str) -> Cluster:
    """Renders a cluster. There is no outlier detection: gRPC's counts every status, so callers could eject workers."""
    settings: dict[str, Any] = {
        "name": name,
        "type": "EDS",
        "edsClusterConfig": {"edsConfig": {"ads": {}, "resourceApiVersion": "V3"}},
        "lbPolicy": "ROUND_ROBIN",
        # gRPC drops calls beyond 1024 in flight unless told otherwise.
        "circuitBreakers": {"thresholds": [{"maxRequests": 10_000}]},
    }
    return ParseDict(settings, Cluster())


def replicas(fleet: Fleet) -> dict[str, tuple[str, ...]]:
    """The addresses of each cluster, sorted: those of a domain's workers, and of the workers that answer a model.

    Where none answers, those that hold the model are listed instead: they say why they do not.
    """
    found: dict[str, tuple[str, ...]] = {}
    for domain in services.domains():
        workers = (worker for worker in fleet.workers if worker.domain == domain and reachable(worker))
        found[domain_cluster(domain)] = tuple(sorted(worker.address for worker in workers))
    for model in fleet.models.values():
        found[model_cluster(model.name)] = tuple(sorted(_speakers(model)))
    return found


def _speakers(model: ModelView) -> list[str]:
    if len(model.domains) > 1:
        return []  # a name that is used twice answers nowhere
    answering = [worker.address for worker in model.replicas if worker.answers(model.name)]
    return answering or [worker.address for worker in model.replicas if reachable(worker)]


def _listener(name: str) -> Listener:
    manager = HttpConnectionManager(
        rds=Rds(
            config_source=ConfigSource(ads=AggregatedConfigSource(), resource_api_version=ApiVersion.V3),
            route_config_name=name,
        ),
        http_filters=[HttpFilter(name="router", typed_config=packed(Router()))],
    )
    return Listener(name=name, api_listener=ApiListener(api_listener=packed(manager)))


def _routes(domain: str, routing: Routing) -> Iterator[Route]:
    """The first that matches is taken: a known model, an unknown one, a method's default model, the rest."""
    for model in sorted(routing.in_domain(domain), key=lambda model: model.name):
        yield _route(RouteMatch(prefix="", headers=[_named(model.name)]), model_cluster(model.name))
    # Not exact_match with nothing, inverted: grpc-go 1.76 ends its program when it is told that.
    some = HeaderMatcher(name=_MODEL, safe_regex_match=RegexMatcher(regex=".+"))
    yield _route(RouteMatch(prefix="", headers=[some]), domain_cluster(domain))
    for path, model_name in sorted(_defaults(domain, routing.defaults).items()):
        yield _route(RouteMatch(path=path), model_cluster(model_name))
    yield _route(RouteMatch(prefix=""), domain_cluster(domain))


def _defaults(domain: str, defaults: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """The default model of each of a domain's methods that has one, by path."""
    methods = (method for method in services.typed_methods() if method.domain == domain)
    return {method.path: defaults[domain, method.name] for method in methods if (domain, method.name) in defaults}


def _route(match: RouteMatch, cluster_name: str) -> Route:
    return Route(match=match, route=RouteAction(cluster=cluster_name))


def retry_policy() -> RetryPolicy:
    """The policy of all calls: once more, as at the gateway, so that a call that ends its worker ends two at most.

    Meanwhile the client hears of workers that have died or left. It may still come back to the one that refused, which
    then has the call wait if it is loading.
    """
    return RetryPolicy(
        retry_on=RETRY_ON,
        num_retries=UInt32Value(value=1),
        retry_back_off=RetryPolicy.RetryBackOff(base_interval=_ms(50), max_interval=_ms(50)),
    )


def _named(model: str) -> HeaderMatcher:
    # Every gRPC reads exact_match, not every one string_match.
    return HeaderMatcher(name=_MODEL, exact_match=model)


def _ms(count: int) -> Duration:
    duration = Duration()
    duration.FromTimedelta(timedelta(milliseconds=count))
    return duration
