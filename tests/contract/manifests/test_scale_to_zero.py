# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Domains without workers: KEDA may take the last one away, and the control planes know of it and of each other."""

from typing import Any

import pytest
from argosy_gateway import settings
from argosy_gateway.scaling import trigger

from tests.contract.manifests.rendered import Manifests, combined


@pytest.fixture(scope="module")
def fleet() -> Manifests:
    """The fleet with both components."""
    return combined("prod", "keda", "scale-to-zero")


def environment(fleet: Manifests) -> dict[str, str]:
    """Variables of the control plane."""
    pod = fleet.get("Deployment", "gateway")["spec"]["template"]["spec"]
    (container,) = [each for each in pod["initContainers"] if each["name"] == "control-plane"]
    return {each["name"]: each["value"] for each in container["env"] if "value" in each}


def test_every_domain_may_have_no_worker_and_says_so_to_the_control_plane(fleet: Manifests) -> None:
    scaled: list[dict[str, Any]] = list(fleet.of("ScaledObject"))
    assert {each["spec"]["minReplicaCount"] for each in scaled} == {0}
    chosen = settings.read(["--kubernetes"], environment(fleet))
    for each in scaled:
        (one,) = each["spec"]["triggers"]
        group, _ = trigger.read(one["metadata"])
        assert group.domain in chosen.autoscaled_domains


def test_control_planes_find_each_other_by_a_name_that_has_an_address_of_each(fleet: Manifests) -> None:
    (peer,) = settings.read(["--kubernetes"], environment(fleet)).peer_names
    service = fleet.get("Service", "control-plane-peers")
    assert service["spec"]["clusterIP"] == "None"
    assert peer == f"control-plane-peers:{service['spec']['ports'][0]['port']}", "the Service of any namespace"
    assert service["spec"]["selector"] == fleet.get("Service", "control-plane")["spec"]["selector"]


def test_with_keda_alone_no_domain_sleeps() -> None:
    fleet = combined("prod", "keda")
    assert {each["spec"]["minReplicaCount"] for each in fleet.of("ScaledObject")} == {1}
    assert settings.read(["--kubernetes"], environment(fleet)).autoscaled_domains == ()
