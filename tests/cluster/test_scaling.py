# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""KEDA scales a Deployment by what control planes on this machine tell it: from none, by queue time, and back.

The Deployment's pods do nothing, and need not even start: for each that its ReplicaSet has, the test runs a worker on
this machine, on a simulated accelerator that can do 20 calls a second. There are two control planes, as in two gateway
pods: one has the Envoy that is called, KEDA asks the other.
"""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from argosy_client import Argosy

from bench import simulated
from bench.simulated import Device
from tests.contract.gateway.fleet import run_standin
from tests.support.envoy import Gateway, free_ports, run_gateway, wait_for
from tests.support.worker import WorkerProcess, run_worker

#: One call at a time, 50 ms each.
DEVICE = Device(50, 0, 1)
DEADLINE_S = 1.0
#: Calls in a second that ask for three workers: two can do 40, and are to have something in hand.
BUSY, QUIET = 42.0, 3.0

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.timeout(360),
    pytest.mark.skipif(
        not os.environ.get("KUBECONFIG"), reason="no cluster: set KUBECONFIG to the file that says where one is"
    ),
    pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed"),
]


def kubectl(*arguments: str, document: Any = None) -> str:
    """Runs kubectl, with a document on standard input; returns what it prints."""
    done = subprocess.run(
        [shutil.which("kubectl") or "kubectl", *arguments],
        input=None if document is None else json.dumps(document),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise AssertionError(f"kubectl {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def own_address() -> str:
    """An address of this machine that pods can reach."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing
        return str(probe.getsockname()[0])


@pytest.fixture
def namespace() -> Iterator[str]:
    """A namespace with nothing in it."""
    if "scaledobjects" not in kubectl("api-resources", "--api-group", "keda.sh", "-o", "name"):
        pytest.skip("KEDA is not installed in the cluster")
    name = f"argosy-test-scaling-{secrets.token_hex(4)}"
    kubectl("create", "namespace", name)
    try:
        yield name
    finally:
        # First what KEDA put a finalizer on.
        kubectl("delete", "scaledobject", "--all", "-n", name, "--timeout=30s")
        kubectl("delete", "namespace", name, "--wait=false")


def documents(scaler: str) -> list[dict[str, Any]]:
    """What is applied: a Deployment of pods that do nothing, and its ScaledObject."""
    labels = {"app.kubernetes.io/name": "worker-vision"}
    host, _, port = scaler.rpartition(":")
    pod = {
        "terminationGracePeriodSeconds": 0,
        "containers": [{"name": "nothing", "image": "localhost/argosy-test-nothing", "imagePullPolicy": "Never"}],
    }
    return [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "worker-vision"},
            "spec": {
                "replicas": 0,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod},
            },
        },
        # A Service without a selector: its one endpoint is on this machine.
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "control-plane"},
            "spec": {"ports": [{"name": "grpc", "port": 18000, "targetPort": int(port)}]},
        },
        {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": "control-plane-here", "labels": {"kubernetes.io/service-name": "control-plane"}},
            "addressType": "IPv4",
            "ports": [{"name": "grpc", "port": int(port)}],
            "endpoints": [{"addresses": [host], "conditions": {"ready": True}}],
        },
    ]


def scaled_object(namespace: str) -> dict[str, Any]:
    """Ends and begins at none, with times that a test can wait for."""
    at_once = {"stabilizationWindowSeconds": 0, "policies": [{"type": "Pods", "value": 8, "periodSeconds": 15}]}
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": {"name": "worker-vision"},
        "spec": {
            "scaleTargetRef": {"name": "worker-vision"},
            "minReplicaCount": 0,
            "maxReplicaCount": 5,
            "pollingInterval": 2,
            "cooldownPeriod": 1,
            "advanced": {"horizontalPodAutoscalerConfig": {"behavior": {"scaleUp": at_once, "scaleDown": at_once}}},
            "triggers": [
                {
                    "type": "external-push",
                    "metadata": {
                        "scalerAddress": f"control-plane.{namespace}:18000",
                        "domain": "vision",
                        "startSeconds": "5",
                        "downSeconds": "15",
                        "idleSeconds": "20",
                    },
                }
            ],
        },
    }


@dataclass
class Kubelet:
    """Runs a worker for each pod that the Deployment is to have, and tells the control planes where they are."""

    namespace: str
    gateway: Gateway
    repository: Path
    rest: list[tuple[str, str]]
    seen: list[int] = field(default_factory=list)
    """Replicas that were wanted, whenever that changed."""
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Follows the Deployment."""
        with contextlib.ExitStack() as all_of_them:
            running: list[tuple[contextlib.ExitStack, WorkerProcess]] = []
            while not self.stop.wait(0.3):
                wanted = self.wanted()
                if not self.seen or self.seen[-1] != wanted:
                    self.seen.append(wanted)
                while len(running) < wanted:
                    stack = all_of_them.enter_context(contextlib.ExitStack())
                    options = ("--drain-s", "0.3", "--replica", f"r{len(running)}")
                    worker = run_worker("vision", self.repository, *options, wait_for=[])
                    running.append((stack, stack.enter_context(worker)))
                    self.tell(running)
                if len(running) > wanted:
                    stack, _ = running.pop()
                    self.tell(running)
                    stack.close()

    def wanted(self) -> int:
        """Replicas that the Deployment is to have."""
        output = kubectl("get", "deployment", "worker-vision", "-n", self.namespace, "-o", "jsonpath={.spec.replicas}")
        return int(output or 0)

    def tell(self, running: list[tuple[contextlib.ExitStack, WorkerProcess]]) -> None:
        """Writes the fleet document."""
        self.gateway.write_fleet([*self.rest, *(("vision", worker.address) for _, worker in running)])


@contextlib.contextmanager
def control_plane_that_keda_asks(gateway: Gateway) -> Iterator[str]:
    """A second one, without an Envoy, on all addresses of this machine; yields where pods find it."""
    port, metrics = free_ports(2)
    command = [sys.executable, "-m", "argosy_gateway", "--fleet", str(gateway.fleet), "--bind", "0.0.0.0"]  # noqa: S104
    command += ["--port", str(port), "--metrics-port", str(metrics), "--poll-interval-s", "0.05"]
    command += ["--autoscaled", "vision", "--peers", f"{gateway.control_plane},127.0.0.1:{port}"]
    with (gateway.folder / "asked.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield f"{own_address()}:{port}"
    finally:
        process.terminate()
        process.wait(10)


class Load:
    """Calls at a steady rate, however long they take."""

    def __init__(self, address: str) -> None:
        self.rate = 0.0
        self.codes: Counter[str] = Counter()
        self._address = address
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._call()))

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    async def _call(self) -> None:
        calls = set()
        async with grpc.aio.insecure_channel(self._address) as channel:
            while not self._stop.is_set():
                if self.rate:
                    call = asyncio.create_task(self._one(channel))
                    calls.add(call)
                    call.add_done_callback(calls.discard)
                await asyncio.sleep(1 / self.rate if self.rate else 0.05)
            await asyncio.gather(*calls)

    async def _one(self, channel: grpc.aio.Channel) -> None:
        ask = simulated.ask(self._address)
        try:
            await channel.unary_unary(ask.path)(ask.request, timeout=DEADLINE_S, metadata=ask.metadata)
            self.codes["OK"] += 1
        except grpc.aio.AioRpcError as error:
            self.codes[error.code().name] += 1


def test_keda_scales_from_none_by_queue_time_and_back_to_none(namespace: str, tmp_path: Path) -> None:
    repository = tmp_path / "models"
    DEVICE.write(repository)
    (tmp_path / "gateway").mkdir()
    options = ("--autoscaled", "vision", "--first-wake-s", "8")
    with contextlib.ExitStack() as stack:
        rest = [("nlp", stack.enter_context(run_standin("nlp", "N", {"sentiment": {}})).address)]
        # Once with a worker, so that its models are known.
        with run_worker("vision", repository, "--drain-s", "0.3") as first:
            workers = [*rest, ("vision", first.address)]
            gateway = stack.enter_context(run_gateway(workers, tmp_path / "gateway", *options))
            asked = stack.enter_context(control_plane_that_keda_asks(gateway))
            wait_for(
                lambda: '"domain": "vision"' in (gateway.folder / "asked.log").read_text(), "both to know", gateway
            )
            gateway.write_fleet(rest)
        for document in documents(asked):
            kubectl("apply", "-n", namespace, "-f", "-", document=document)
        kubelet = Kubelet(namespace, gateway, repository, rest)
        following = threading.Thread(target=kubelet.run)
        following.start()
        stack.callback(following.join)
        stack.callback(kubelet.stop.set)
        kubectl("apply", "-n", namespace, "-f", "-", document=scaled_object(namespace))
        wait_for(lambda: _active(namespace) == "False", "KEDA to ask", gateway, 60)
        assert kubelet.wanted() == 0

        with Argosy(gateway.address) as client:
            began = time.monotonic()
            inputs = {"x": np.zeros((1, simulated.WIDTH), np.float32)}
            client.tensors.infer(simulated.NAME, inputs, timeout_s=120)
            woken_s = time.monotonic() - began
        assert kubelet.seen == [0, 1], "woken once, and not asleep again before its caller came back"
        assert woken_s < 30

        with Load(gateway.address) as load:
            load.rate = QUIET
            wait_for(lambda: load.codes.total() >= 3, "calls", gateway)
            load.rate = BUSY
            wait_for(lambda: kubelet.wanted() == 3, "three workers", gateway, 90)
            wait_for(lambda: _ready(gateway) == 3, "three workers to answer", gateway, 30)
            load.codes.clear()
            wait_for(lambda: load.codes.total() >= 100, "calls of three workers", gateway)
            assert load.codes["OK"] > 0.9 * load.codes.total(), "three can do what is asked"
            load.rate = QUIET
            wait_for(lambda: kubelet.wanted() == 1, "one worker", gateway, 90)
            load.codes.clear()
            wait_for(lambda: load.codes.total() >= 6, "calls of one worker", gateway)
            assert load.codes.keys() == {"OK"}
        wait_for(lambda: kubelet.wanted() == 0, "none", gateway, 90)
    assert kubelet.seen[:3] == [0, 1, 3], "one step up"
    assert kubelet.seen[-2:] == [1, 0]


def _active(namespace: str) -> str:
    path = 'jsonpath={.status.conditions[?(@.type=="Active")].status}'
    return kubectl("get", "scaledobject", "worker-vision", "-n", namespace, "-o", path)


def _ready(gateway: Gateway) -> int:
    """Workers that Envoy has for the domain."""
    return gateway.stats(r"^cluster\.domain/vision\.membership_healthy$").get(
        "cluster.domain/vision.membership_healthy", 0
    )
