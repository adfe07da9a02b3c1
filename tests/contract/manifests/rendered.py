# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What kustomize makes of deploy/k8s, and questions that tests ask of it."""

import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
K8S = ROOT / "deploy/k8s"
OVERLAYS = tuple(sorted(path.parent.name for path in (K8S / "overlays").glob("*/kustomization.yaml")))
COMPONENTS = tuple(sorted(path.parent.name for path in (K8S / "components").glob("*/kustomization.yaml")))
_PROD = yaml.safe_load((K8S / "overlays/prod/kustomization.yaml").read_text("utf-8"))["components"]
#: Each component on top of an overlay that does not have it yet: (overlay, component).
ADDED = [
    ("dev" if f"../../components/{component}" in _PROD or component == "static-models" else "prod", component)
    for component in COMPONENTS
]
WITHOUT_KUBECTL = "kubectl is not on PATH: it builds the manifests (version 1.27 or newer)"


def has_kubectl() -> bool:
    """Whether manifests can be built here."""
    return shutil.which("kubectl") is not None


@dataclass(frozen=True)
class Manifests:
    """Objects as they would be applied."""

    objects: tuple[dict[str, Any], ...]

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        """The objects of some kinds."""
        return [each for each in self.objects if each["kind"] in kinds]

    def get(self, kind: str, name: str) -> dict[str, Any]:
        """The object of a kind with a name; there must be one."""
        (found,) = (each for each in self.of(kind) if each["metadata"]["name"] == name)
        return found

    def pods(self) -> dict[str, dict[str, Any]]:
        """Pod templates by "Kind/name" of what makes them."""
        return {
            f"{each['kind']}/{each['metadata']['name']}": each["spec"]["template"]
            for each in self.of("Deployment", "Job", "StatefulSet", "DaemonSet")
        }

    def workers(self) -> list[dict[str, Any]]:
        """The Deployments of workers."""
        return [
            each
            for each in self.of("Deployment")
            if each["metadata"]["labels"]["app.kubernetes.io/component"] == "worker"
        ]


def containers(pod: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All containers of a pod template, those that begin it first."""
    yield from pod["spec"].get("initContainers", ())
    yield from pod["spec"]["containers"]


def container(pod: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The container with a name; there must be one."""
    (found,) = (each for each in containers(pod) if each["name"] == name)
    return found


def environment(of: Mapping[str, Any]) -> dict[str, str]:
    """A container's variables that have a value of their own."""
    return {each["name"]: each["value"] for each in of.get("env", ()) if "value" in each}


@functools.cache
def overlay(name: str) -> Manifests:
    """An overlay as it is applied."""
    return build(K8S / "overlays" / name)


@functools.cache
def combined(base: str, *components: str) -> Manifests:
    """An overlay of one's own: another overlay (or the base) with components, in this order."""
    with tempfile.TemporaryDirectory() as folder:
        write_overlay(Path(folder), base, components)
        return build(Path(folder))


def write_overlay(folder: Path, base: str, components: Sequence[str], namespace: str = "") -> None:
    """Writes a kustomization into a folder, as a user would who adds components to an overlay, or names a namespace."""
    here = folder.resolve()
    resource = K8S / ("base" if base == "base" else f"overlays/{base}")
    written: dict[str, Any] = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [os.path.relpath(resource, here)],
        "components": [os.path.relpath(K8S / "components" / each, here) for each in components],
    }
    if namespace:
        written["namespace"] = namespace
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(written))


def build(folder: Path) -> Manifests:
    """What kustomize makes of a folder."""
    kubectl = shutil.which("kubectl")
    assert kubectl, WITHOUT_KUBECTL
    done = subprocess.run([kubectl, "kustomize", str(folder)], capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"kubectl kustomize {folder}: {done.stderr}")
    return Manifests(tuple(yaml.load_all(done.stdout, _LOADER)))


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
