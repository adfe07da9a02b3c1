# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""EndpointSlices as the API server says them."""

from collections.abc import Sequence
from typing import Any

SLICES = "/apis/discovery.k8s.io/v1/namespaces/argosy-system/endpointslices"
MODELS = "/apis/argosy.dev/v1alpha1/namespaces/argosy-system/models"


def endpoint(
    address: str, pod: str = "", *, zone: str = "", hints: Sequence[str] = (), ready: bool = True, leaving: bool = False
) -> dict[str, Any]:
    """One endpoint of a pod."""
    found: dict[str, Any] = {
        "addresses": [address],
        "conditions": {"ready": ready, "serving": ready, "terminating": leaving},
    }
    if pod:
        found["targetRef"] = {"kind": "Pod", "name": pod, "uid": f"uid-{pod}"}
    if zone:
        found["zone"] = zone
    if hints:
        found["hints"] = {"forZones": [{"name": name} for name in hints]}
    return found


def endpoint_slice(
    domain: str,
    *endpoints: dict[str, Any],
    port: int = 8101,
    family: str = "IPv4",
    component: str = "worker",
    name: str = "some",
) -> dict[str, Any]:
    """A slice of a Service of workers, or of the gateway."""
    labels = {"app.kubernetes.io/part-of": "argosy", "app.kubernetes.io/component": component}
    if component == "worker":
        labels["argosy.dev/domain"] = domain
    return {
        "metadata": {"name": name, "labels": labels},
        "addressType": family,
        "endpoints": list(endpoints) or None,
        "ports": [{"name": "metrics", "port": 9101}, {"name": "grpc", "port": port}],
    }
