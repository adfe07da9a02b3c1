# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What routes do: which cluster takes the call, and which filters look at it."""

from envoy.config.core.v3.base_pb2 import Metadata
from envoy.config.route.v3.route_components_pb2 import FilterConfig, Route, RouteAction
from google.protobuf.any_pb2 import Any
from google.protobuf.duration_pb2 import Duration
from google.protobuf.struct_pb2 import Struct

from argosy_gateway.resources.matchers import packed
from argosy_gateway.resources.names import FIELD_EXTRACTION, LUA, MODEL_SUBSET


def to_cluster(name: str) -> RouteAction:
    """Sends a call to a cluster without any time limit of Envoy's own.

    The caller's deadline passes in grpc-timeout and is kept by its two ends: Envoy would end a call that has begun to
    answer with RST_STREAM, which callers read as INTERNAL.
    """
    return RouteAction(cluster=name, timeout=Duration(), idle_timeout=Duration())


def to_subset(cluster: str, model: str) -> RouteAction:
    """Sends a call to those endpoints of a cluster that can answer a model."""
    action = to_cluster(cluster)
    action.metadata_match.CopyFrom(subset(MODEL_SUBSET, model))
    return action


def subset(key: str, value: str) -> Metadata:
    """Chooses the endpoints in whose metadata ``key`` lists ``value``."""
    wanted = Struct()
    wanted[key] = value
    return Metadata(filter_metadata={"envoy.lb": wanted})


def read_model_from_message(route: Route) -> None:
    """Switches on what reads the model's name from the request and routes again by it."""
    _switch_on(route, FIELD_EXTRACTION)
    run_script(route)


def run_script(route: Route) -> None:
    """Switches on ``model.lua``."""
    _switch_on(route, LUA)


def _switch_on(route: Route, filter_name: str) -> None:
    # A configuration that is there and empty enables a filter as the listener has it.
    route.typed_per_filter_config[filter_name].CopyFrom(packed(FilterConfig(config=Any())))
