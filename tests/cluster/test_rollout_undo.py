# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Going back after an upgrade that went through: no call fails on the way there, nor on the way back."""

import json

import pytest

from tests.cluster import told
from tests.cluster.fleet import GATEWAY, Fleet
from tests.cluster.kube import Kube
from tests.cluster.load import in_flight
from tests.cluster.told import Tell

pytestmark = pytest.mark.timeout(900)

#: A new revision, as a new image makes one.
UPGRADE = json.dumps({"spec": {"template": {"metadata": {"annotations": {"argosy.dev/upgrade": "tried"}}}}})


@pytest.mark.parametrize("deployment", ["worker-vision", "gateway"])
def test_no_call_fails_when_a_deployment_is_upgraded_and_the_upgrade_undone(
    fleet: Fleet, callers: Kube, tell: Tell, deployment: str
) -> None:
    def revision() -> str:
        template = fleet.kube.get("deployment", deployment)["spec"]["template"]
        return str(template["metadata"].get("annotations", {}).get("argosy.dev/upgrade", ""))

    with fleet.scaled(deployment, 2), in_flight(callers, GATEWAY, name="undo") as load:
        load.more(200)
        fleet.kube.run("patch", "deployment", deployment, f"--patch={UPGRADE}")
        fleet.kube.rolled_out(deployment)
        assert revision() == "tried"
        load.more(500)
        fleet.kube.run("rollout", "undo", f"deployment/{deployment}")
        fleet.kube.rolled_out(deployment)
        assert revision() == ""
        load.more(500)
        report = load.stop()
    tell(told.calls(report))
    assert report["codes"].keys() == {"OK"}, report
