# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What ``kubectl apply -k`` brings up answers its callers, inside the cluster and outside it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster.fleet import DEPLOYMENTS, GATEWAY, Fleet
from tests.cluster.kube import Kube, KubectlError, image, locked_pod, until
from tests.support.fleet import DEMO


def assert_demo(printed: str) -> None:
    """Fails unless each domain gave its known answer."""
    outcomes = json.loads(printed)
    assert {outcome["domain"] for outcome in outcomes} == set(DEMO)
    assert all(outcome["equal"] for outcome in outcomes), printed


@pytest.mark.timeout(600)
def test_the_demo_passes_through_a_port_forward(fleet: Fleet) -> None:
    with fleet.kube.forwarded("service/gateway", 8080) as address:
        command = [Path(sys.executable).parent / "argosy", "demo", "--address", address, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert_demo(done.stdout)


@pytest.mark.timeout(600)
def test_the_demo_passes_from_a_pod(fleet: Fleet, callers: Kube) -> None:
    del fleet
    callers.run("delete", "pod", "demo", "--ignore-not-found", "--now")
    callers.apply(locked_pod("demo", image("all-in-one"), ["argosy", "demo", "--address", GATEWAY, "--json"]))
    until(lambda: callers.get("pod", "demo")["status"]["phase"] in ("Succeeded", "Failed"), "the demo to end", 60)
    printed = callers.run("logs", "demo")
    callers.run("delete", "pod", "demo", "--now")
    assert_demo(printed)


@pytest.mark.timeout(600)
def test_the_namespace_takes_the_fleet_and_refuses_pods_that_may_do_more(fleet: Fleet) -> None:
    labels = fleet.kube.get("namespace", fleet.kube.namespace)["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    pod = locked_pod("root", image("worker-vision"), ["true"])
    pod["spec"]["securityContext"] = {}
    with pytest.raises(KubectlError, match="violates PodSecurity"):
        fleet.kube.apply(pod)


@pytest.mark.timeout(600)
def test_no_container_of_the_fleet_can_write_to_its_image_or_is_root(fleet: Fleet) -> None:
    pods = fleet.kube.pods(
        "app.kubernetes.io/part-of=argosy,app.kubernetes.io/component in (worker,gateway,controller)"
    )
    assert len(pods) >= len(DEPLOYMENTS)
    for pod in pods:
        for container in pod["spec"]["containers"]:
            name = pod["metadata"]["name"]
            said = fleet.kube.run(
                *("exec", name, f"--container={container['name']}", "--", "sh", "-c"),
                "id -u; touch /written 2>/dev/null && echo written; command -v pip gcc cc; true",
            )
            assert said.split() == ["65532"], (name, container["name"], said)
