# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How the calls of one model are shared out: between its versions by weight, between its replicas by session.

The first route that applies counts. What a caller asks for goes before what the fleet document says: a call with
``argosy-version`` is not shared out, one with ``argosy-session`` stays with a replica, and with a version. A model
without a section ``traffic`` has two routes, for calls with a session and without.
"""

from collections.abc import Iterable

from envoy.config.common.mutation_rules.v3.mutation_rules_pb2 import HeaderMutation
from envoy.config.core.v3.base_pb2 import RuntimeFractionalPercent
from envoy.config.route.v3.route_components_pb2 import Route, RouteAction, RouteMatch, WeightedCluster
from envoy.type.v3.percent_pb2 import FractionalPercent
from google.protobuf.wrappers_pb2 import BoolValue, UInt32Value
from xds.type.matcher.v3.matcher_pb2 import Matcher

from argosy_gateway.resources import actions, matchers
from argosy_gateway.resources.names import (
    FRONT,
    VERSION_SUBSET,
    domain_cluster,
    session_cluster,
    shadow_cluster,
    versioned,
)
from argosy_gateway.resources.refusals import overwrite
from argosy_gateway.resources.routing import ModelRoute
from argosy_gateway.services import Method
from argosy_gateway.traffic import Share

VERSION = "argosy-version"
SESSION = "argosy-session"
SHADOW = "argosy-shadow"


def to_model(model: ModelRoute, methods: Iterable[Method]) -> Matcher.OnMatch:
    """Takes calls of a model, which may be of any of these methods."""
    if not (model.split or model.mirror):
        return matchers.to_routes(_routes(model, model.split, ()))
    asking = [method.path for method in methods if not method.runs_model]
    streaming = [method.path for method in methods if method.runs_model and method.client_streaming]
    found = matchers.to_routes(_routes(model, model.split, model.mirror))
    if streaming:  # a copy of a stream would last for as long as the stream
        unmirrored = matchers.to_routes(_routes(model, model.split, ()))
        found = matchers.nested(matchers.if_one_of(":path", streaming, then=unmirrored, otherwise=found))
    if asking:
        steady = matchers.to_routes(_routes(model, _largest(model.split), ()))
        found = matchers.nested(matchers.if_one_of(":path", asking, then=steady, otherwise=found))
    return found


def routes(model: ModelRoute, method: Method) -> list[Route]:
    """The routes of a model's calls of one method; their ``match`` is that of any path."""
    split = model.split if method.runs_model else _largest(model.split)
    mirror = model.mirror if method.runs_model and not method.client_streaming else ()
    return _routes(model, split, mirror)


def _largest(split: tuple[Share, ...]) -> tuple[Share, ...]:
    """The version that gets most: it answers what is asked about the model, so that answers do not change by chance."""
    return tuple(sorted(split, key=lambda share: -share.hundredths)[:1])


def _routes(model: ModelRoute, split: tuple[Share, ...], mirror: tuple[Share, ...]) -> list[Route]:
    if not model.answerable:
        return [Route(match=RouteMatch(prefix="/"), route=actions.to_cluster(FRONT))]
    domain = model.domains[0]
    found = []
    for pinned in (True, False) if split else (False,):
        for cluster, in_session in ((session_cluster(domain), True), (domain_cluster(domain), False)):
            if split and not pinned:
                action = _shared(cluster, model.name, split, in_session=in_session)
            else:
                action = actions.to_subset(cluster, model.name)
            wanted = [*(matchers.given(VERSION) if pinned else ()), *(matchers.given(SESSION) if in_session else ())]
            if in_session:
                action.hash_policy.add().header.header_name = SESSION
            action.request_mirror_policies.extend(_copies(model.name, share) for share in mirror)
            found.append(Route(match=RouteMatch(prefix="/", headers=wanted), route=action))
    return found


def _shared(cluster: str, model: str, split: tuple[Share, ...], *, in_session: bool) -> RouteAction:
    """Sends calls to versions by weight, each to a replica that has it; a session's calls all to one version."""
    action = actions.to_cluster("")
    action.weighted_clusters.CopyFrom(
        WeightedCluster(
            clusters=[
                WeightedCluster.ClusterWeight(
                    name=cluster,
                    weight=UInt32Value(value=share.hundredths),
                    metadata_match=actions.subset(VERSION_SUBSET, versioned(model, share.version)),
                    request_headers_to_add=[overwrite(VERSION, str(share.version))],
                )
                for share in split
            ],
            use_hash_policy=BoolValue(value=True) if in_session else None,
        )
    )
    return action


def _copies(model: str, share: Share) -> RouteAction.RequestMirrorPolicy:
    """Sends copies of calls to a version. Envoy waits for none of them and drops their answers."""
    marks = {SHADOW: "1", VERSION: str(share.version)}
    return RouteAction.RequestMirrorPolicy(
        cluster=shadow_cluster(model, share.version),
        runtime_fraction=RuntimeFractionalPercent(
            default_value=FractionalPercent(numerator=share.hundredths, denominator=FractionalPercent.TEN_THOUSAND)
        ),
        request_headers_mutations=[HeaderMutation(append=overwrite(key, value)) for key, value in marks.items()],
        disable_shadow_host_suffix_append=True,
    )
