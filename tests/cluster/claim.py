# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The volume with the demo models, written to from a pod, as somebody does who publishes models there."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from tests.cluster.kube import Kube, image, locked_pod, ready, until

CLAIM = "demo-models"
_POD = "publisher"

#: A copy of a model whose graph ends in the middle, as one that was not uploaded to its end.
_TRUNCATED = """
import pathlib, shutil, sys
source, target = (pathlib.Path("/models", each) for each in sys.argv[1:3])
shutil.rmtree(target, ignore_errors=True)
shutil.copytree(source / sys.argv[3], target / sys.argv[3], copy_function=shutil.copyfile)
graph = target / "1/model.onnx"
graph.write_bytes(graph.read_bytes()[: graph.stat().st_size // 2])
"""
_WRITTEN = """
import pathlib, sys
path = pathlib.Path("/models", sys.argv[1])
path.parent.mkdir(parents=True, exist_ok=True)
path.write_text(sys.argv[2])
"""
_REMOVED = """
import pathlib, shutil, sys
for each in sys.argv[1:]:
    shutil.rmtree(pathlib.Path("/models", each), ignore_errors=True)
"""


@dataclass(frozen=True)
class Publisher:
    """Puts models into the claim; paths are those of ``pvc://demo-models/PATH``."""

    kube: Kube
    published: set[str]

    def truncated(self, source: str, target: str, *, part: str = ".") -> str:
        """Publishes a copy of a model, or of a folder in it, whose graph is cut off; returns its source."""
        self._python(_TRUNCATED, source, target, part)
        return self._uri(target)

    def written(self, target: str, files: dict[str, str]) -> str:
        """Publishes a model of text files; returns its source."""
        for name, text in files.items():
            self._python(_WRITTEN, f"{target}/{name}", text)
        return self._uri(target)

    def remove(self) -> None:
        """Takes away what was published."""
        self._python(_REMOVED, *self.published)

    def _uri(self, target: str) -> str:
        self.published.add(target)
        return f"pvc://{CLAIM}/{target}"

    def _python(self, program: str, *arguments: str) -> None:
        self.kube.run("exec", _POD, "--", "python", "-c", program, *arguments)


@contextlib.contextmanager
def publisher(kube: Kube) -> Iterator[Publisher]:
    """Runs the pod, beside the fleet; what was published goes with it."""
    volume = {"name": "models", "persistentVolumeClaim": {"claimName": CLAIM}}
    mount = {"name": "models", "mountPath": "/models", "subPath": "argosy-demo-models"}
    kube.run("delete", "pod", _POD, "--ignore-not-found", "--now")
    kube.apply(locked_pod(_POD, image("worker-vision"), ["sleep", "infinity"], mounts=[mount], volumes=[volume]))
    try:
        until(lambda: ready(kube.get("pod", _POD)), "the pod that publishes models")
        found = Publisher(kube, set())
        try:
            yield found
        finally:
            found.remove()
    finally:
        kube.run("delete", "pod", _POD, "--ignore-not-found", "--now")
