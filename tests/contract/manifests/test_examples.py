# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Programs that call without a proxy have what the fleet's own manifests ask of callers."""

import json
from typing import Any

import pytest

from tests.contract.manifests.policies import End, Port, allowed
from tests.contract.manifests.rendered import ROOT, Manifests, build, containers, overlay


@pytest.fixture(scope="module")
def examples() -> Manifests:
    """The programs in Go and in Python."""
    return build(ROOT / "examples/kubernetes")


def test_they_are_told_of_the_control_plane_by_the_file_that_is_mounted(examples: Manifests) -> None:
    told = examples.get("ConfigMap", "xds-bootstrap")
    assert told["metadata"]["namespace"] == "argosy-examples"
    assert told["data"] == overlay("prod").get("ConfigMap", "xds-bootstrap")["data"]
    assert json.loads(told["data"]["bootstrap.json"])
    assert examples.pods().keys() == {"Job/call-go", "Job/call-python"}
    for pod in examples.pods().values():
        (program,) = containers(pod)
        (mount,) = program["volumeMounts"]
        assert program["env"] == [{"name": "GRPC_XDS_BOOTSTRAP", "value": f"{mount['mountPath']}/bootstrap.json"}]
        assert pod["spec"]["volumes"] == [{"name": mount["name"], "configMap": {"name": "xds-bootstrap"}}]


def test_network_policies_let_them_connect_to_workers_and_to_the_control_plane_and_to_nothing_else(
    examples: Manifests,
) -> None:
    fleet = overlay("prod")
    policies = fleet.of("NetworkPolicy")
    namespace = examples.get("Namespace", "argosy-examples")["metadata"]["labels"]
    ends = {
        key: End(f"10.0.0.{number}", "argosy-system", pod["metadata"]["labels"])
        for number, (key, pod) in enumerate(fleet.pods().items(), 1)
    }
    for pod in examples.pods().values():
        caller = End("10.0.1.1", "argosy-examples", pod["metadata"]["labels"], namespace)
        reached: dict[str, Any] = {
            key: {number for number in (8080, 8101, 9101, 18000, 18001) if allowed(policies, caller, end, Port(number))}
            for key, end in ends.items()
        }
        assert reached.pop("Deployment/gateway") == {8080, 18000}
        assert reached.pop("Deployment/controller") == set()
        assert len(reached) == 5
        assert all(ports == {8101} for ports in reached.values())
