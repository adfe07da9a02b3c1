# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Controllers come and go, and so does their Lease; Models are applied all the same."""

import json
import uuid
from collections.abc import Iterator, Mapping

import pytest
from argosy.fleet.v1 import model_pb2

from tests.cluster.fleet import Fleet
from tests.cluster.host_fleet import HostFleet, host_fleet
from tests.cluster.kube import Kube, ready, until
from tests.support.worker import await_health

pytestmark = pytest.mark.timeout(300)

LEASE = "lease/argosy-controller"
CONTROLLERS = "app.kubernetes.io/name=controller"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostFleet]:
    """Two workers on this machine, and no controller yet."""
    namespace = f"argosy-test-controller-{uuid.uuid4().hex[:6]}"
    with host_fleet(tmp_path_factory.mktemp("fleet"), namespace, {}) as found:
        yield found


def relabelled(fleet: HostFleet, name: str, label: str) -> None:
    """Gives a Model a label, and waits until each worker has it."""
    patch = json.dumps({"spec": {"labels": {label: 1}}})
    fleet.kube.run("patch", "model", name, "--type=merge", f"--patch={patch}")
    until(lambda: all(label in labels(fleet.held(worker), name) for worker in fleet.workers), f"the label {label}", 60)


def led_by_two(fleet: HostFleet, name: str) -> None:
    """Makes a Model of which workers have heard from two controllers: a count from the beginning is a lower one."""
    fleet.apply(name, fleet.publish(name))
    for identity in ("first", "second"):
        with fleet.controller(identity):
            relabelled(fleet, name, identity)


def labels(held: Mapping[str, model_pb2.WorkerModel], name: str) -> Mapping[str, str]:
    """The labels of a model on a worker; none where it does not hold it yet."""
    return held[name].description.version_labels if name in held else {}


def epoch(kube: Kube, name: str) -> int:
    """The epoch under which a Model's status was written last."""
    return int(kube.get("model", name)["status"]["epoch"])


def transitions(kube: Kube) -> int:
    """What the Lease has counted."""
    return int(kube.get(LEASE)["spec"].get("leaseTransitions", 0))


def test_a_lease_that_is_deleted_keeps_no_change_from_workers(two: HostFleet) -> None:
    """Neither where its holder makes it anew, nor where a controller does that knows nothing of the time before."""
    led_by_two(two, "kept")
    with two.controller("holder"):
        relabelled(two, "kept", "before")
        counted = transitions(two.kube)
        two.kube.run("delete", LEASE)
        relabelled(two, "kept", "anew")
        until(lambda: transitions(two.kube) > counted, "the Lease to count on", 60)
        before = epoch(two.kube, "kept")
    two.kube.run("delete", LEASE)
    with two.controller("stranger"):
        relabelled(two, "kept", "after")
        until(lambda: epoch(two.kube, "kept") > before, "a status under a higher epoch", 60)
        two.kube.run("delete", "model", "kept", "--timeout=60s")


def test_workers_that_know_a_higher_epoch_than_any_status_are_told_all_the_same(two: HostFleet) -> None:
    """As where an API server comes back from a backup."""
    led_by_two(two, "told")
    two.kube.run("delete", LEASE)
    two.kube.run("patch", "model", "told", "--subresource=status", "--type=merge", '--patch={"status":{"epoch":0}}')
    with two.controller("stranger"):
        relabelled(two, "told", "after")
        two.kube.run("delete", "model", "told", "--timeout=60s")


def test_a_worker_that_is_to_have_nothing_is_ready_and_one_that_nobody_told_anything_is_not(two: HostFleet) -> None:
    two.apply("single", two.publish("single"), placement={"maxCopies": 1})
    with two.controller("placing"):
        two.ready("single")
        assert two.kube.get("model", "single")["status"]["copies"] == "1/1"
        assert sum("single" in two.held(worker) for worker in two.workers) == 1
        for worker in two.workers:
            await_health(f"{two.address}:{worker.port}", "models")
        two.kube.run("delete", "model", "single", "--timeout=60s")


def holder(fleet: Fleet) -> str:
    """Name of the pod whose controller is active; empty where none is."""
    identity = str(fleet.kube.get(LEASE)["spec"].get("holderIdentity") or "")
    return next(
        (name for pod in fleet.kube.pods(CONTROLLERS) if identity.startswith(name := pod["metadata"]["name"])), ""
    )


@pytest.mark.timeout(600)
def test_another_pod_takes_over_when_the_active_one_is_deleted(fleet: Fleet) -> None:
    with fleet.scaled("controller", 2):
        until(lambda: bool(holder(fleet)), "an active controller", 60)
        first, before = holder(fleet), transitions(fleet.kube)
        fleet.kube.run("delete", "pod", first, "--wait=false")
        until(lambda: holder(fleet) not in ("", first) and transitions(fleet.kube) > before, "another to take over", 60)
    fleet.ready()


@pytest.mark.timeout(600)
def test_the_gateway_s_pods_and_the_controller_s_have_accounts_of_their_own(fleet: Fleet) -> None:
    (controller,) = fleet.kube.pods(CONTROLLERS)
    assert controller["spec"]["serviceAccountName"] == "controller"
    for pod in fleet.kube.pods("app.kubernetes.io/name=gateway"):
        assert ready(pod)
        assert pod["spec"]["serviceAccountName"] == "control-plane"
        assert "controller" not in {each["name"] for each in pod["spec"]["initContainers"]}
