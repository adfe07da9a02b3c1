# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Applies the overlay dev as an operator does, and waits until all of it is ready."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.kube import IMAGES_VARIABLE, LOCAL_IMAGES, Kube, KubectlError, image
from tests.support.fleet import DEMO

K8S = Path(__file__).resolve().parents[2] / "deploy" / "k8s"
CRDS, DEV = K8S / "crds", K8S / "overlays" / "dev"
NAMESPACE = "argosy-system"
GATEWAY = f"gateway.{NAMESPACE}.svc:8080"
WORKERS = tuple(f"worker-{domain}" for domain in DEMO)
DEPLOYMENTS = ("gateway", "controller", *WORKERS)


@dataclass(frozen=True)
class Fleet:
    """The fleet on the cluster."""

    kube: Kube

    def ready(self) -> None:
        """Waits until every Deployment is rolled out and every model is Ready."""
        for deployment in DEPLOYMENTS:
            self.kube.rolled_out(deployment)
        self.kube.run("wait", "--for=condition=Ready", "models.argosy.dev", "--all", "--timeout=180s")

    @contextlib.contextmanager
    def scaled(self, deployment: str, replicas: int) -> Iterator[None]:
        """Gives a Deployment so many pods for the block, and one after it."""
        self.scale(deployment, replicas)
        try:
            yield
        finally:
            self.scale(deployment, 1)

    def scale(self, deployment: str, replicas: int) -> None:
        """Gives a Deployment so many pods and waits for them."""
        self.kube.run("scale", f"deployment/{deployment}", f"--replicas={replicas}")
        self.kube.rolled_out(deployment)


def overlay(folder: Path) -> Path:
    """The overlay dev, or one on top of it where the images are elsewhere."""
    if os.environ.get(IMAGES_VARIABLE, LOCAL_IMAGES) == LOCAL_IMAGES and "ARGOSY_TEST_TAG" not in os.environ:
        return DEV
    names = ("envoy", "control-plane", "demo-models", *WORKERS)
    images = [
        f"  - {{name: {LOCAL_IMAGES}/{name}, newName: {where}, newTag: {tag}}}\n"
        for name in names
        for where, _, tag in [image(name).rpartition(":")]
    ]
    resource = os.path.relpath(DEV, folder.resolve())
    (folder / "kustomization.yaml").write_text(f"resources:\n  - {resource}\nimages:\n{''.join(images)}")
    return folder


@contextlib.contextmanager
def deployed(folder: Path, keep: bool) -> Iterator[Fleet]:
    """Applies definitions and overlay, and takes the overlay away after the block unless told to keep it."""
    everywhere, fleet = Kube(), Fleet(Kube(NAMESPACE))
    everywhere.run("apply", f"--kustomize={CRDS}")
    everywhere.run("wait", "--for=condition=Established", "crd/models.argosy.dev", "--timeout=60s")
    # A Job that an earlier run has left cannot be changed to other images.
    fleet.kube.run("delete", "job", "demo-models", "--ignore-not-found")
    everywhere.run("apply", f"--kustomize={overlay(folder)}")
    try:
        try:
            fleet.ready()
        except KubectlError as error:
            raise AssertionError(f"{error}\n{fleet.kube.run('get', 'pods,models', '--output=wide')}") from error
        yield fleet
    finally:
        if not keep:
            # While their controller is there: it drains them before they may go.
            fleet.kube.run("delete", "models.argosy.dev", "--all", "--timeout=120s")
            everywhere.run("delete", f"--kustomize={overlay(folder)}", "--ignore-not-found", "--timeout=180s")
