# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Workers and controllers on this machine, which take what the API server says: no pods, no images."""

import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import numpy as np
from argosy.fleet.v1 import model_pb2, worker_pb2, worker_pb2_grpc
from onnx import TensorProto, helper, numpy_helper
from tritonclient.grpc import InferenceServerClient, InferInput

from tests.cluster.kube import Kube, Manifest, until
from tests.support.models import add_model, save
from tests.support.worker import WorkerProcess, run_worker

ROOT = Path(__file__).resolve().parents[2]
RBAC = ROOT / "deploy/k8s/base/rbac.yaml"
CRDS = ROOT / "deploy/k8s/crds"
QUICK = ("--repository-poll-s", "0.5", "--repository-settle-s", "0.2", "--pull-retry-s", "1")


@dataclass
class HostFleet:
    """A namespace with two workers of the domain tabular."""

    kube: Kube
    folder: Path
    workers: list[WorkerProcess] = field(default_factory=list)
    address: str = ""

    def publish(self, name: str) -> str:
        """Puts a model into the claim "demo"; returns its source."""
        add_model(self.folder / "claims/demo", name)
        return f"pvc://demo/{name}"

    def apply(self, name: str, uri: str, /, **spec: Any) -> None:
        """Applies a Model of the domain tabular."""
        self.kube.apply(model(name, uri, **spec))

    def condition(self, name: str, kind: str = "Ready") -> Manifest:
        """A condition of a Model."""
        found = self.kube.get("model", name).get("status", {}).get("conditions", ())
        return next((each for each in found if each["type"] == kind), {})

    def not_ready(self, name: str, reason: str) -> None:
        """Waits until a Model says that it is not ready, and why."""
        until(lambda: self.condition(name).get("reason") == reason, f"{name} to say {reason}", 60)

    def ready(self, name: str) -> None:
        """Waits as an operator does."""
        self.kube.run("wait", "--for=condition=Ready", f"model/{name}", "--timeout=60s")

    def held(self, worker: WorkerProcess) -> dict[str, model_pb2.WorkerModel]:
        """The models that a worker holds, by name."""
        with grpc.insecure_channel(f"{self.address}:{worker.port}") as channel:
            stub = worker_pb2_grpc.WorkerServiceStub(channel)
            watch = stub.WatchState(worker_pb2.WatchStateRequest(), timeout=10)
            state = next(watch).snapshot
            watch.cancel()
        return {each.description.name: each for each in state.models}

    def call(self, worker: WorkerProcess, name: str, version: str, times: int) -> None:
        """Calls a version of a model on a worker."""
        items = InferInput("x", [1, 4], "FP32")
        items.set_data_from_numpy(np.ones((1, 4), np.float32))
        with InferenceServerClient(f"{self.address}:{worker.port}") as client:
            for _ in range(times):
                client.infer(name, [items], model_version=version)

    @contextlib.contextmanager
    def controller(self, identity: str = "first") -> Iterator["subprocess.Popen[str]"]:
        """Runs a controller with the rights of the account that the manifests give it; stops it at the end."""
        command = [sys.executable, "-m", "argosy_gateway.controller", "--namespace", self.kube.namespace]
        command += ["--identity", identity, "--usage-interval-s", "2"]
        environment = {"KUBECONFIG": str(self._account()), "PATH": "/usr/bin:/bin"}
        log = (self.folder / f"{identity}.log").open("a")
        with log, subprocess.Popen(command, stderr=log, text=True, env=environment) as process:
            try:
                yield process
            finally:
                process.terminate()
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()

    def log(self, identity: str = "first") -> str:
        """What a controller has said."""
        return (self.folder / f"{identity}.log").read_text()

    def _account(self) -> Path:
        """A kubeconfig file of the service account controller."""
        token = self.kube.run("create", "token", "controller", "--duration=1h").strip()
        config = json.loads(self.kube.run("config", "view", "--raw", "--minify", "--flatten", "--output=json"))
        config["users"] = [{"name": config["users"][0]["name"], "user": {"token": token}}]
        path = self.folder / "account.json"
        path.touch(0o600)
        path.write_text(json.dumps(config))
        return path


def add_slow_version(folder: Path, version: int) -> None:
    """Adds a version that answers as add_model's does, some ten milliseconds later."""
    large = np.ones((700, 700), np.float32)
    nodes = [
        helper.make_node("ReduceSum", ["x"], ["sum"], keepdims=0),
        helper.make_node("Mul", ["large", "sum"], ["left"]),
        helper.make_node("MatMul", ["left", "large"], ["product"]),
        helper.make_node("ReduceSum", ["product"], ["total"], keepdims=0),
        helper.make_node("Mul", ["total", "zero"], ["nothing"]),
        helper.make_node("Mul", ["x", "factor"], ["scaled"]),
        helper.make_node("Add", ["scaled", "nothing"], ["y"]),
    ]
    shape = ["batch", 4]
    graph = helper.make_graph(
        nodes,
        "slow",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [
            helper.make_tensor("factor", TensorProto.FLOAT, [], [2.0]),
            helper.make_tensor("zero", TensorProto.FLOAT, [], [0.0]),
            numpy_helper.from_array(large, "large"),
        ],
    )
    (folder / str(version)).mkdir()
    save(graph, folder / str(version) / "model.onnx")


def model(name: str, uri: str, /, **spec: Any) -> Manifest:
    """A Model of the domain tabular."""
    return {
        "apiVersion": "argosy.dev/v1alpha1",
        "kind": "Model",
        "metadata": {"name": name},
        "spec": {"domain": "tabular", "source": {"uri": uri}, **spec},
    }


def _slice(name: str, address: str, port: int) -> Manifest:
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": name,
            "labels": {
                "app.kubernetes.io/part-of": "argosy",
                "app.kubernetes.io/component": "worker",
                "argosy.dev/domain": "tabular",
                "kubernetes.io/service-name": "worker-tabular",
            },
        },
        "addressType": "IPv4",
        "ports": [{"name": "grpc", "port": port}],
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}}],
    }


def _own_address() -> str:
    """An address of this machine that is none of loopback, which EndpointSlices refuse."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing
        return str(probe.getsockname()[0])


@contextlib.contextmanager
def host_fleet(folder: Path, namespace: str, variables: Mapping[str, str]) -> Iterator[HostFleet]:
    """Two workers on this machine with these variables, listed in a namespace of the cluster."""
    environment = {**os.environ, **variables}
    everywhere, fleet = Kube("default"), HostFleet(Kube(namespace), folder, address=_own_address())
    everywhere.run("apply", f"--kustomize={CRDS}")
    everywhere.run("wait", "--for=condition=Established", "crd/models.argosy.dev", "--timeout=60s")
    everywhere.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    fleet.kube.run("apply", f"--filename={RBAC}")
    (folder / "claims/demo").mkdir(parents=True)
    try:
        with contextlib.ExitStack() as stack:
            for number in (1, 2):
                repository = folder / f"repository{number}"
                repository.mkdir()
                options = (
                    *QUICK,
                    "--claims",
                    str(folder / "claims"),
                    "--bind",
                    fleet.address,
                    "--replica",
                    f"w{number}",
                )
                worker = stack.enter_context(
                    run_worker("tabular", repository, *options, wait_for=(), environment=environment)
                )
                fleet.workers.append(worker)
                fleet.kube.apply(_slice(f"worker-{number}", fleet.address, worker.port))
            yield fleet
    finally:
        patch = '{"metadata":{"finalizers":null}}'
        for left in fleet.kube.run("get", "models", "--output=name").split():
            fleet.kube.run("patch", left, "--type=merge", f"--patch={patch}")
        everywhere.run("delete", "namespace", namespace, "--wait=false")
