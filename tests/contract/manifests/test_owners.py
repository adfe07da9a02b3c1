# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Each Deployment has one owner of its number of replicas."""

import pytest

from tests.contract.manifests.rendered import OVERLAYS, Manifests, combined, overlay


def owned_by_manifests(fleet: Manifests) -> set[str]:
    """Deployments that say how many replicas they have."""
    return {each["metadata"]["name"] for each in fleet.of("Deployment") if "replicas" in each["spec"]}


def owned_by_keda(fleet: Manifests) -> list[str]:
    """Deployments that something scales."""
    return [each["spec"]["scaleTargetRef"]["name"] for each in fleet.of("ScaledObject", "HorizontalPodAutoscaler")]


@pytest.mark.parametrize("base", ["dev", "dev-static", "prod"])
def test_where_keda_scales_a_deployment_the_manifests_do_not(base: str) -> None:
    fleet = combined(base, "keda")
    scaled = owned_by_keda(fleet)
    assert len(set(scaled)) == len(scaled)
    assert set(scaled) == {each["metadata"]["name"] for each in fleet.workers()}
    assert owned_by_manifests(fleet) == {"gateway", "controller"} & {
        each["metadata"]["name"] for each in fleet.of("Deployment")
    }


@pytest.mark.parametrize("base", OVERLAYS)
def test_without_keda_the_manifests_say_how_many_there_are(base: str) -> None:
    fleet = overlay(base)
    assert owned_by_keda(fleet) == []
    assert owned_by_manifests(fleet) == {each["metadata"]["name"] for each in fleet.of("Deployment")}


def test_keda_asks_the_control_plane_about_the_domain_that_a_deployment_serves() -> None:
    fleet = combined("prod", "keda")
    port = {each["name"]: each["port"] for each in fleet.get("Service", "control-plane")["spec"]["ports"]}["grpc"]
    for each in fleet.of("ScaledObject"):
        (trigger,) = each["spec"]["triggers"]
        target = fleet.get("Deployment", each["spec"]["scaleTargetRef"]["name"])
        assert trigger["metadata"]["domain"] == target["metadata"]["labels"]["argosy.dev/domain"]
        assert trigger["metadata"]["scalerAddress"] == f"control-plane.argosy-system:{port}"
