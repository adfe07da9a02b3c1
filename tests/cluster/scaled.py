# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The fleet with the components keda and scale-to-zero, two gateways, and a domain that sleeps soon.

The domain tabular has a further model, on a simulated accelerator that takes one call at a time: what a worker can do
is known to the call, however busy the machine is.
"""

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from bench import simulated
from bench.simulated import Device
from tests.cluster.claim import publisher
from tests.cluster.fleet import K8S, Fleet, overlay
from tests.cluster.host_fleet import model
from tests.cluster.kube import Kube, Manifest, until
from tests.support.scraped import scraped

DEVICE = Device(50, 0, 1)
WORKER = "worker-tabular"
WORKERS = f"app.kubernetes.io/name={WORKER}"
GATEWAYS = "app.kubernetes.io/name=gateway"
#: Times that a test can wait for, no brake on the way down, and no more workers than the load asks for: where a machine
#: is busy with other things deadlines are missed, and another one would be wanted.
_AT_ONCE = {"stabilizationWindowSeconds": 0, "policies": [{"type": "Pods", "value": 8, "periodSeconds": 15}]}
_SOON = [
    {"op": "replace", "path": "/spec/pollingInterval", "value": 2},
    {"op": "replace", "path": "/spec/maxReplicaCount", "value": 3},
    {"op": "replace", "path": "/spec/advanced/horizontalPodAutoscalerConfig/behavior/scaleDown", "value": _AT_ONCE},
    *(
        {"op": "add", "path": f"/spec/triggers/0/metadata/{key}", "value": value}
        for key, value in (("startSeconds", "5"), ("downSeconds", "15"), ("idleSeconds", "2"))
    ),
]


@dataclass(frozen=True)
class Gateway:
    """One of the gateway's pods, through port-forwards."""

    name: str
    address: str
    """Where its Envoy is called."""
    metrics_port: int

    def sleeps(self) -> bool:
        """Whether its control plane knows the domain's models, and that none of them has a worker."""
        states = {key[2] for key in scraped(self.metrics_port) if key[:2] == ("argosy_gateway_models", "tabular")}
        return states == {"ASLEEP"}

    def asked_by_keda(self) -> bool:
        """Whether its control plane is the one that KEDA asks about the domain."""
        return any(key[0] == "argosy_gateway_wanted_replicas" and WORKER in key for key in scraped(self.metrics_port))


class Replicas:
    """How many pods the domain's Deployment was to have, one number after the other."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def seen(self) -> list[int]:
        """Those since the test began."""
        numbers = [int(line) for line in self._path.read_text().splitlines() if line]
        return [number for before, number in zip([None, *numbers], numbers, strict=False) if number != before]


@dataclass(frozen=True)
class ScaledFleet:
    """The fleet while KEDA scales it."""

    kube: Kube
    gateways: tuple[Gateway, ...]

    def sleep(self) -> None:
        """Waits until the domain has no pod, and every control plane knows."""
        until(
            lambda: (
                not self.kube.get("pods", f"--selector={WORKERS}")["items"]
                and all(gateway.sleeps() for gateway in self.gateways)
            ),
            "the domain to sleep",
        )

    @contextlib.contextmanager
    def watched(self, folder: Path) -> Iterator[Replicas]:
        """Follows the number of pods that are wanted."""
        path = folder / "replicas"
        command = ["kubectl", "--namespace", self.kube.namespace, "get", f"deployment/{WORKER}", "--watch"]
        with path.open("w") as file:
            watch = subprocess.Popen([*command, '--output=jsonpath={.spec.replicas}{"\\n"}'], stdout=file)
        try:
            until(lambda: bool(path.read_text()), "the first number of replicas", 30, every_s=0.1)
            yield Replicas(path)
        finally:
            watch.terminate()
            watch.wait(10)


def has_keda() -> bool:
    """Whether the cluster has KEDA."""
    # Not by api-resources, which fails while any aggregated API is away.
    return bool(Kube().run("get", "customresourcedefinition", "scaledobjects.keda.sh", "--ignore-not-found").strip())


def _overlay(folder: Path, plain: Path) -> Path:
    """The fleet's overlay with both components on top."""
    here = folder.resolve()
    written = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [os.path.relpath(plain, here)],
        "components": [os.path.relpath(K8S / "components" / each, here) for each in ("keda", "scale-to-zero")],
        "patches": [{"target": {"kind": "ScaledObject", "name": WORKER}, "patch": json.dumps(_SOON)}],
    }
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(written))
    return folder


@contextlib.contextmanager
def scaled(fleet: Fleet, folder: Path) -> Iterator[ScaledFleet]:
    """Adds the components to the fleet for the block; after it, the number of pods is the operator's again."""
    everywhere, kube = Kube(), fleet.kube
    (folder / "plain").mkdir()
    (folder / "scaled").mkdir()
    plain = overlay(folder / "plain")
    with publisher(kube) as models:
        DEVICE.write(folder)
        settings = (folder / simulated.NAME / "model.yaml").read_text()
        # No program reads the second file: what is copied are files, and the version is their folder.
        uri = models.written(f"tabular/{simulated.NAME}", {"model.yaml": settings, "1/simulated": "no graph\n"})
        try:
            kube.apply(model(simulated.NAME, uri))
            kube.run("wait", "--for=condition=Ready", f"model/{simulated.NAME}", "--timeout=120s")
            everywhere.run("apply", f"--kustomize={_overlay(folder / 'scaled', plain)}")
            fleet.scale("gateway", 2)
            until(lambda: len(kube.pods(GATEWAYS)) == 2, "two gateways")
            with contextlib.ExitStack() as stack:
                yield ScaledFleet(kube, tuple(_forwarded(kube, pod, stack) for pod in kube.pods(GATEWAYS)))
        finally:
            # What is left of KEDA would go on scaling what is the operator's again.
            kube.run("delete", "scaledobjects", "--all", "--timeout=60s")
            everywhere.run("apply", f"--kustomize={plain}")
            gone = ("service/control-plane-peers", f"model/{simulated.NAME}")
            kube.run("delete", *gone, "--ignore-not-found", "--timeout=60s")
            fleet.ready()


def _forwarded(kube: Kube, pod: Manifest, stack: contextlib.ExitStack) -> Gateway:
    name = str(pod["metadata"]["name"])
    address = stack.enter_context(kube.forwarded(f"pod/{name}", 8080))
    metrics = stack.enter_context(kube.forwarded(f"pod/{name}", 18001))
    return Gateway(name, address, int(metrics.rpartition(":")[2]))
