# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Names that resources use to refer to each other, and that the bootstrap uses to refer to them."""

ROUTES = "main"
#: Metadata by which a cluster's endpoints are chosen: the models, and the versions of models, that each can answer.
MODEL_SUBSET = "model"
VERSION_SUBSET = "version"
#: Any worker: calls that every worker answers alike.
FLEET = "fleet"
#: The control plane's own services; a static cluster of the bootstrap, since it shares the pod.
FRONT = "front"
#: The control plane as a source of configuration.
CONTROL_PLANE = "control-plane"
#: The source of configuration for an Envoy that starts while the control plane is dead.
STANDBY = "standby"
#: Filters that the listener has and only some routes switch on.
FIELD_EXTRACTION = "envoy.filters.http.grpc_field_extraction"
LUA = "envoy.filters.http.lua"


def domain_cluster(domain: str) -> str:
    """Name of the cluster of one domain's workers."""
    return f"domain/{domain}"


def session_cluster(domain: str) -> str:
    """Name of the cluster of the same workers in which a session stays with its replica."""
    return f"session/{domain}"


def shadow_cluster(model: str, version: int) -> str:
    """Name of the cluster of those workers that take copies of a model's calls for one version."""
    return f"shadow/{versioned(model, version)}"


def versioned(model: str, version: int) -> str:
    """Name of one version of a model; model names have no slash."""
    return f"{model}/{version}"
