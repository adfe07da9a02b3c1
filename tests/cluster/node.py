# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Kills processes of containers from their node: a container's first process ignores SIGKILL from inside."""

import contextlib
import itertools
import secrets
from collections.abc import Iterator

import pytest

from tests.cluster.kube import Kube, KubectlError, Manifest, image, ready, until

#: Sends SIGKILL to all processes whose control group is that of a container.
_KILL = """
import os, pathlib, signal, sys
killed = 0
for path in pathlib.Path("/proc").glob("[0-9]*/cgroup"):
    try:
        if sys.argv[1] in path.read_text():
            os.kill(int(path.parent.name), signal.SIGKILL)
            killed += 1
    except (FileNotFoundError, ProcessLookupError):
        pass
sys.exit(0 if killed else "no process of that container")
"""


class Killer:
    """A pod on each node that sees the node's processes."""

    def __init__(self, kube: Kube) -> None:
        self._kube = kube

    def kill(self, pod: Manifest, container: str) -> None:
        """Ends a container of a pod by SIGKILL."""
        statuses = itertools.chain(pod["status"]["containerStatuses"], pod["status"].get("initContainerStatuses", ()))
        identifier = next(each["containerID"].rpartition("/")[2] for each in statuses if each["name"] == container)
        killers = self._kube.pods("app.kubernetes.io/name=killer")
        name = next(each["metadata"]["name"] for each in killers if each["spec"]["nodeName"] == pod["spec"]["nodeName"])
        self._kube.run("exec", name, "--", "python3", "-c", _KILL, identifier)


@contextlib.contextmanager
def killers() -> Iterator[Killer]:
    """Runs the pods in a namespace of their own; skips where the cluster does not take such pods."""
    kube = Kube(f"argosy-test-node-{secrets.token_hex(3)}")
    labels = {"app.kubernetes.io/name": "killer"}
    container = {
        "name": "main",
        "image": image("worker-vision"),
        "imagePullPolicy": "IfNotPresent",
        "command": ["sleep", "infinity"],
        "securityContext": {"runAsUser": 0, "privileged": True},
    }
    namespace = {"name": kube.namespace, "labels": {"pod-security.kubernetes.io/enforce": "privileged"}}
    spec = {"hostPID": True, "terminationGracePeriodSeconds": 0, "containers": [container]}
    try:
        kube.apply(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": namespace},
            {
                "apiVersion": "apps/v1",
                "kind": "DaemonSet",
                "metadata": {"name": "killer"},
                "spec": {
                    "selector": {"matchLabels": labels},
                    "template": {"metadata": {"labels": labels}, "spec": spec},
                },
            },
        )
    except KubectlError as error:
        pytest.skip(f"the cluster takes no pod that may end processes of its node: {error}")
    try:
        until(lambda: bool(found := kube.pods("app.kubernetes.io/name=killer")) and all(map(ready, found)), "killers")
        yield Killer(kube)
    finally:
        kube.run("delete", "namespace", kube.namespace, "--timeout=90s")
