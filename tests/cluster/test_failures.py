# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What happens to pods under load. No call may fail: those that are hit have a second replica."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator

import pytest

from tests.cluster import told
from tests.cluster.claim import Publisher, publisher
from tests.cluster.fleet import DEPLOYMENTS, GATEWAY, K8S, Fleet
from tests.cluster.kube import Kube, KubectlError, Manifest, ready, restarts, until
from tests.cluster.load import PodLoad, in_flight
from tests.cluster.node import Killer, killers

pytestmark = pytest.mark.timeout(1800)

#: Of each kind; `make test-cluster-slow` has ten.
EVENTS = int(os.environ.get("ARGOSY_TEST_EVENTS", "3"))
REQUESTS = 3_000
VISION = "app.kubernetes.io/name=worker-vision"
GATEWAYS = "app.kubernetes.io/name=gateway"
BUDGETS = K8S / "components/availability/disruption-budgets.yaml"


@pytest.fixture(scope="module")
def replicas(fleet: Fleet) -> Iterator[Fleet]:
    """The fleet with two gateways and two workers of vision."""
    for deployment in ("gateway", "worker-vision"):
        fleet.scale(deployment, 2)
    yield fleet
    for deployment in ("gateway", "worker-vision"):
        fleet.scale(deployment, 1)


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    """What ends processes on the nodes."""
    with killers() as found:
        yield found


@pytest.fixture
def load(replicas: Fleet, callers: Kube, tell: told.Tell) -> Iterator[PodLoad]:
    """Calls in flight throughout a test, none of which may fail."""
    both_ready(replicas, VISION)
    both_ready(replicas, GATEWAYS)
    with in_flight(callers, GATEWAY) as load:
        load.more(200)
        yield load
        report = load.stop()
    tell(f"{load.events} times; {told.calls(report)}")
    assert report["codes"].keys() == {"OK"}, report
    assert sum(report["codes"].values()) >= REQUESTS


def both_ready(fleet: Fleet, selector: str) -> list[Manifest]:
    """Waits until two pods get calls; returns them."""
    until(lambda: len(found := fleet.kube.pods(selector)) == 2 and all(map(ready, found)), f"two of {selector}")
    return fleet.kube.pods(selector)


def each_time(fleet: Fleet, load: PodLoad, selector: str, event: Callable[[Manifest], None]) -> None:
    """Lets something happen to one of two pods, several times, amid enough calls."""
    for number in range(EVENTS):
        pods = both_ready(fleet, selector)
        if selector == VISION:
            for pod in pods:
                load.answers_from(pod["metadata"]["name"])
        event(pods[number % 2])  # in turn: Kubernetes lets a container that has ended often wait longer
        load.events += 1
        load.more(REQUESTS // EVENTS)
        both_ready(fleet, selector)


def name(pod: Manifest) -> str:
    """The name of a pod."""
    return str(pod["metadata"]["name"])


def test_no_call_fails_when_a_worker_pod_is_deleted(replicas: Fleet, load: PodLoad) -> None:
    each_time(
        replicas, load, VISION, lambda pod: replicas.kube.run("delete", "pod", name(pod), "--wait=false") and None
    )


@pytest.fixture
def budgets(replicas: Fleet) -> Iterator[None]:
    """The disruption budgets of the component availability."""
    replicas.kube.run("apply", f"--filename={BUDGETS}")
    yield
    replicas.kube.run("delete", f"--filename={BUDGETS}")


@pytest.mark.usefixtures("budgets")
def test_no_call_fails_when_worker_pods_are_evicted_and_the_budget_lets_them_go_one_at_a_time(
    replicas: Fleet, load: PodLoad
) -> None:
    def allowed() -> bool:
        status = replicas.kube.get("poddisruptionbudget", "worker-vision").get("status", {})
        return bool(status.get("disruptionsAllowed") == 1)

    def evict(pod: Manifest) -> None:
        until(allowed, "one pod to be free to go", 60)
        other = next(each for each in replicas.kube.pods(VISION) if name(each) != name(pod))
        replicas.kube.evict(name(pod))
        with pytest.raises(KubectlError, match="disruption budget"):
            replicas.kube.evict(name(other))

    each_time(replicas, load, VISION, evict)


def test_no_call_fails_when_a_gateway_pod_is_deleted(replicas: Fleet, load: PodLoad) -> None:
    each_time(
        replicas, load, GATEWAYS, lambda pod: replicas.kube.run("delete", "pod", name(pod), "--wait=false") and None
    )


@pytest.mark.parametrize(("selector", "container"), [(VISION, "worker"), (GATEWAYS, "control-plane")])
def test_no_call_fails_when_a_process_is_killed(
    replicas: Fleet, load: PodLoad, killer: Killer, selector: str, container: str
) -> None:
    def kill(pod: Manifest) -> None:
        before = restarts(pod, container)
        killer.kill(pod, container)
        until(lambda: restarts(replicas.kube.get("pod", name(pod)), container) > before, f"{container} to restart")

    each_time(replicas, load, selector, kill)


def test_old_replicas_serve_while_the_new_ones_crash_and_a_rollout_can_be_undone(
    replicas: Fleet, load: PodLoad
) -> None:
    for _ in range(EVENTS):
        before = {name(pod) for pod in both_ready(replicas, VISION)}
        replicas.kube.run(
            *("patch", "deployment", "worker-vision", "--type=json", "--patch"),
            '[{"op": "replace", "path": "/spec/template/spec/containers/0/command", "value": ["false"]}]',
        )
        load.events += 1
        until(
            lambda before=before: any(
                restarts(pod, "worker") > 0 for pod in replicas.kube.pods(VISION) if name(pod) not in before
            ),
            "a new replica to crash",
        )
        assert before <= {name(pod) for pod in replicas.kube.pods(VISION) if ready(pod)}
        load.more(REQUESTS // EVENTS)
        replicas.kube.run("rollout", "undo", "deployment/worker-vision")
        replicas.kube.rolled_out("worker-vision")


@pytest.fixture(scope="module")
def models(replicas: Fleet) -> Iterator[Publisher]:
    """Where the models' files come from."""
    with publisher(replicas.kube) as found:
        yield found


def corrupt_model(resource: str, uri: str) -> Manifest:
    """A further Model of the domain vision."""
    metadata = {"name": resource, "labels": {"app.kubernetes.io/part-of": "argosy-test"}}
    spec = {"domain": "vision", "source": {"uri": uri}}
    return {"apiVersion": "argosy.dev/v1alpha1", "kind": "Model", "metadata": metadata, "spec": spec}


def says(fleet: Fleet, resource: str, kind: str, status: str, *texts: str) -> bool:
    """Whether a Model says, of what is wanted now, a condition with this status and these texts in its message."""
    model = fleet.kube.get("model", resource)
    return any(
        (each["type"], each["status"]) == (kind, status)
        and each["observedGeneration"] == model["metadata"]["generation"]
        and all(text in each["message"] for text in texts)
        for each in model.get("status", {}).get("conditions", ())
    )


def test_no_call_fails_when_models_with_corrupt_files_are_applied_and_they_say_why(
    replicas: Fleet, load: PodLoad, models: Publisher
) -> None:
    def revise(uri: str) -> None:
        replicas.kube.run(
            "patch", "model", "digits", "--type=merge", f'--patch={{"spec":{{"source":{{"uri":"{uri}"}}}}}}'
        )

    sound = replicas.kube.get("model", "digits")["spec"]["source"]["uri"]
    try:
        for number in range(EVENTS):
            # One that is new, and the next revision of the one that is called: what served before it goes on.
            new = f"corrupt-{number}"
            replicas.kube.apply(corrupt_model(new, models.truncated("vision/digits", f"vision/{new}", part="1")))
            revise(models.truncated("vision/digits", f"vision/digits-{number}"))
            load.events += 1
            until(lambda new=new: says(replicas, new, "Ready", "False", "model.onnx"), f"{new} to say why", 90)
            until(
                lambda: says(replicas, "digits", "Degraded", "True", "model.onnx", "what was loaded before answers"),
                "digits to say why",
                90,
            )
            assert says(replicas, "digits", "Ready", "True")
            load.more(REQUESTS // EVENTS)
    finally:
        revise(sound)
        replicas.kube.run("delete", "models", "--selector=app.kubernetes.io/part-of=argosy-test", "--timeout=60s")
    until(lambda: says(replicas, "digits", "Degraded", "False"), "digits to be sound again", 90)


def test_no_call_fails_when_everything_is_rolled_out_at_once(replicas: Fleet, load: PodLoad) -> None:
    replicas.kube.run("rollout", "restart", *(f"deployment/{each}" for each in DEPLOYMENTS))
    load.events += 1
    for deployment in DEPLOYMENTS:
        replicas.kube.rolled_out(deployment)
    load.more(REQUESTS)


# The last one: its pods are new, and Kubernetes does not let a container that has ended before wait longer each time.
#: Takes memory in many small processes: the largest one, which the kernel then ends, is the worker.
_TAKE_MEMORY = """
import os, time
for _ in range(200):
    if os.fork() == 0:
        taken = b"x" * (24 << 20)
        time.sleep(20)
        os._exit(0)
    time.sleep(0.05)
"""


def test_no_call_fails_when_a_worker_runs_out_of_memory(replicas: Fleet, load: PodLoad) -> None:
    def take_memory(pod: Manifest) -> None:
        before = restarts(pod, "worker")
        with contextlib.suppress(KubectlError):  # it ends with the container
            replicas.kube.run("exec", name(pod), "--", "python", "-c", _TAKE_MEMORY)
        until(lambda: restarts(replicas.kube.get("pod", name(pod)), "worker") > before, "the worker to restart")
        (status,) = replicas.kube.get("pod", name(pod))["status"]["containerStatuses"]
        terminated = status["lastState"]["terminated"]
        # Where the runtime does not hear of the kernel's reason, the signal alone tells.
        assert terminated["reason"] in ("OOMKilled", "Error"), status
        assert terminated["exitCode"] == 128 + signal.SIGKILL, status

    each_time(replicas, load, VISION, take_memory)
