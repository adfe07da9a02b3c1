# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A Kubernetes cluster as the tests see it: through kubectl, as an operator does."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Generous: two cores run the whole cluster.
PATIENCE_S = 240.0
#: Where the images are, without their own names: ``localhost/argosy`` or ``registry.example/team/argosy``.
IMAGES_VARIABLE = "ARGOSY_TEST_IMAGES"
LOCAL_IMAGES = "localhost/argosy"
_KUBECTL = "kubectl"

Manifest = dict[str, Any]


def missing() -> str:
    """Why there is no cluster to test with; empty where there is one."""
    if not os.environ.get("KUBECONFIG"):
        return "no cluster: set KUBECONFIG to the file that says where one is"
    if shutil.which("kubectl") is None:
        return "no kubectl on PATH"
    command = (_KUBECTL, "get", "--raw", "/readyz", "--request-timeout=10s")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    reason = done.stderr.strip().splitlines()[-1:] or ["no answer"]
    return "" if done.returncode == 0 else f"the cluster of KUBECONFIG is not ready: {reason[0]}"


def image(name: str) -> str:
    """Where the image of a name such as "envoy" is."""
    tag = os.environ.get("ARGOSY_TEST_TAG", "dev")
    return f"{os.environ.get(IMAGES_VARIABLE, LOCAL_IMAGES)}/{name}:{tag}"


def until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE_S, every_s: float = 0.5) -> None:
    """Waits until a condition holds; a command that fails meanwhile counts as not yet.

    Most conditions start kubectl, which takes the time of hundreds of calls: none is looked at more often than it must.
    """
    end = time.monotonic() + seconds
    last = ""
    while time.monotonic() < end:
        try:
            if condition():
                return
        except KubectlError as error:
            last = f": {error}"
        time.sleep(every_s)
    raise AssertionError(f"waited {seconds:g} s for {what}{last}")


class KubectlError(Exception):
    """kubectl failed; the text is its command and what it wrote to standard error."""


@dataclass(frozen=True)
class Kube:
    """One namespace of the cluster; none where what is named says its own."""

    namespace: str = ""

    def run(self, *arguments: str, text: str = "", seconds: float = PATIENCE_S) -> str:
        """Runs kubectl in the namespace; returns what it printed. Raises KubectlError where it fails."""
        try:
            done = subprocess.run(
                [_KUBECTL, *([f"--namespace={self.namespace}"] if self.namespace else []), *arguments],
                input=text,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise KubectlError(f"kubectl {' '.join(arguments)}: not done after {seconds:g} s") from error
        if done.returncode != 0:
            raise KubectlError(f"kubectl {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    def get(self, *arguments: str) -> Manifest:
        """An object, or a list of objects."""
        found: Manifest = json.loads(self.run("get", *arguments, "--output=json"))
        return found

    def apply(self, *manifests: Manifest) -> None:
        """Creates or changes objects."""
        self.run("apply", "--filename=-", text=json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests}))

    def pods(self, selector: str) -> list[Manifest]:
        """Pods that match labels and have not begun to stop, oldest first."""
        found = self.get("pods", f"--selector={selector}")["items"]
        found = [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]
        return sorted(found, key=lambda pod: str(pod["metadata"]["creationTimestamp"]))

    def rolled_out(self, deployment: str, seconds: float = PATIENCE_S) -> None:
        """Waits until a Deployment's pods are those of its template, ready, and no others."""
        self.run("rollout", "status", f"deployment/{deployment}", f"--timeout={seconds:g}s", seconds=seconds + 10)

    def evict(self, pod: str) -> None:
        """Asks for a pod to be moved, as draining its node does."""
        eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": pod}}
        path = f"/api/v1/namespaces/{self.namespace}/pods/{pod}/eviction"
        self.run("create", f"--raw={path}", "--filename=-", text=json.dumps(eviction))

    @contextlib.contextmanager
    def forwarded(self, target: str, port: int) -> Iterator[str]:
        """Forwards a free local port to a pod or Service; yields "127.0.0.1:PORT"."""
        command = [_KUBECTL, "--namespace", self.namespace, "port-forward", target, f":{port}"]
        # A file: it says a line for each connection, and would wait for somebody to read them.
        with tempfile.TemporaryDirectory() as folder, (said := Path(folder, "said")).open("w") as output:
            forwarding = subprocess.Popen(command, stdout=output, stderr=output)
            try:
                pattern = re.compile(r"127\.0\.0\.1:\d+")
                until(lambda: bool(pattern.search(said.read_text())), f"kubectl port-forward {target}", 30, every_s=0.1)
                yield pattern.findall(said.read_text())[0]
            finally:
                forwarding.terminate()
                forwarding.wait(10)


def restarts(pod: Mapping[str, Any], container: str) -> int:
    """How often a container of a pod was started again."""
    statuses = [
        *pod["status"].get("containerStatuses", ()),
        *pod["status"].get("initContainerStatuses", ()),
    ]
    return sum(int(status["restartCount"]) for status in statuses if status["name"] == container)


def ready(pod: Mapping[str, Any]) -> bool:
    """Whether a pod gets calls."""
    conditions = pod["status"].get("conditions", ())
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def locked_pod(name: str, image: str, command: list[str], **more: Any) -> Manifest:
    """A pod of one container that passes the Pod Security level ``restricted``."""
    container = {
        "name": "main",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": command,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, *more.pop("mounts", ())],  # noqa: S108
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app.kubernetes.io/name": name, **more.pop("labels", {})}},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 5,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65532,
                "runAsGroup": 65532,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [container],
            "volumes": [{"name": "tmp", "emptyDir": {}}, *more.pop("volumes", ())],
        },
    }
