# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls from a pod through the gateway while something happens to the fleet, with every status counted."""

import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.cluster.kube import Kube, image, locked_pod, until

CALLER = Path(__file__).parent / "caller.py"


class PodLoad:
    """What the calls of a pod have come to so far."""

    def __init__(self, kube: Kube, pod: str) -> None:
        self._kube = kube
        self._pod = pod
        self.events = 0
        """What has happened meanwhile, as the test counts it."""

    def report(self) -> dict[str, Any]:
        """The pod's last line."""
        lines = self._kube.run("logs", self._pod, "--tail=1").splitlines()
        found: dict[str, Any] = json.loads(lines[-1]) if lines else {"codes": {}, "replicas": {}, "ended": False}
        return found

    @property
    def codes(self) -> Counter[str]:
        """Calls that have ended, by status."""
        return Counter(self.report()["codes"])

    @property
    def total(self) -> int:
        """Calls that have ended."""
        return self.codes.total()

    def more(self, count: int) -> None:
        """Waits until so many further calls have ended."""
        wanted = self.total + count
        until(lambda: self.total >= wanted, f"{count} calls")

    def answers_from(self, replica: str) -> None:
        """Waits for a further answer of a replica."""
        before = self.report()["replicas"].get(replica, 0)
        until(lambda: self.report()["replicas"].get(replica, 0) > before, f"an answer of {replica}")

    def stop(self) -> dict[str, Any]:
        """Ends the calls; returns the last report."""
        self._kube.run("exec", self._pod, "--", "sh", "-c", "kill -TERM 1")
        until(lambda: bool(self.report()["ended"]), "the callers to end", seconds=60)
        return self.report()


@contextlib.contextmanager
def in_flight(kube: Kube, address: str, *options: str, name: str = "callers") -> Iterator[PodLoad]:
    """Runs callers in a pod of a namespace throughout the block; the pod is deleted after it."""
    program = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name},
        "data": {"caller.py": CALLER.read_text()},
    }
    pod = locked_pod(
        name,
        image("worker-vision"),
        ["python", "/program/caller.py", address, *options],
        mounts=[{"name": "program", "mountPath": "/program"}],
        volumes=[{"name": "program", "configMap": {"name": name}}],
    )
    kube.run("delete", "pod", name, "--ignore-not-found", "--now")
    kube.apply(program, pod)
    try:
        load = PodLoad(kube, name)
        until(lambda: load.codes["OK"] > 0, "the first answer")
        yield load
    finally:
        kube.run("delete", f"pod/{name}", f"configmap/{name}", "--ignore-not-found", "--now")
