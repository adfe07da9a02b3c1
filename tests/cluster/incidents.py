# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What docs/runbook.md is about, made to happen: each context holds an incident, and fails where it has not ended."""

import base64
import io
import json
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import numpy as np
from tritonclient.grpc import InferenceServerClient, InferInput

from tests.cluster.fleet import GATEWAY, Fleet
from tests.cluster.host_fleet import add_slow_version, model
from tests.cluster.kube import LOCAL_IMAGES, Kube, image, locked_pod, until
from tests.cluster.load import in_flight
from tests.cluster.test_api_server import api_server_away
from tests.support.models import add_model


@contextmanager
def model_without_files(fleet: Fleet, callers: Kube) -> Iterator[None]:
    """A Model whose source does not exist."""
    del callers
    patch(fleet, {"source": {"uri": "pvc://demo-models/vision/digist"}})
    until(lambda: ready_reason(fleet) == "PullFailed", "the pull to fail", 60)
    yield
    assert ready_reason(fleet) == "Ready"


@contextmanager
def refused_calls(fleet: Fleet, callers: Kube) -> Iterator[None]:
    """A queue that is too short for its callers."""
    patch(fleet, {"limits": {"maxQueue": 1}})
    with in_flight(callers, GATEWAY, "--callers", "8", "--pause-s", "0", name="runbook") as load:
        until(lambda: load.codes["RESOURCE_EXHAUSTED"] > 20, "calls to be refused", 60)
        yield
        before = load.codes
        load.more(100)
        after = load.codes
    assert after["RESOURCE_EXHAUSTED"] == before["RESOURCE_EXHAUSTED"], (before, after)
    fleet.scale("worker-vision", 1)


@contextmanager
def domain_without_workers(fleet: Fleet, callers: Kube) -> Iterator[None]:
    """Somebody has scaled a domain down."""
    del callers
    fleet.kube.run("scale", "deployment/worker-tabular", "--replicas=0")
    until(lambda: not fleet.kube.get("pods", "--selector=app.kubernetes.io/name=worker-tabular")["items"], "no worker")
    yield


@contextmanager
def image_that_is_not_there(fleet: Fleet, callers: Kube) -> Iterator[None]:
    """A rollout of an image that nobody has built."""
    del callers
    image = f"worker={LOCAL_IMAGES}/worker-vision:never-built"
    fleet.kube.run("set", "image", "deployment/worker-vision", image)
    until(lambda: "Image" in fleet.kube.run("get", "pods", "--selector=app.kubernetes.io/name=worker-vision"), "a pull")
    yield


@contextmanager
def controller_without_rights(fleet: Fleet, callers: Kube) -> Iterator[None]:
    """Rights have been taken away, and a change is not acted upon."""
    del callers
    fleet.kube.run("delete", "rolebindings", "--selector=app.kubernetes.io/part-of=argosy")
    time.sleep(5)  # rights are kept in mind for some seconds
    patch(fleet, {"labels": {"stable": 1, "runbook": 1}})
    time.sleep(5)
    digits = fleet.kube.get("model", "digits")
    assert digits["status"]["observedGeneration"] < digits["metadata"]["generation"]
    yield
    digits = fleet.kube.get("model", "digits")
    assert digits["status"]["observedGeneration"] == digits["metadata"]["generation"]


@contextmanager
def canary_that_is_slow(fleet: Fleet, callers: Kube) -> Iterator[None]:
    """A version on trial takes many times as long as the stable one, and loses its share."""
    del callers
    with tempfile.TemporaryDirectory() as folder:
        add_slow_version(add_model(Path(folder), "trial"), 2)
        publish(fleet, Path(folder) / "trial", "tabular")
    spec = {
        "versionPolicy": {"all": True},
        "labels": {"stable": 1, "canary": 2},
        "traffic": {"split": {"stable": 80, "canary": 20}},
        "canary": {"maxLatencyFactor": 3, "minRequests": 20},
    }
    fleet.kube.apply(model("trial", "pvc://demo-models/tabular/trial", **spec))
    fleet.kube.run("wait", "--for=condition=Ready", "model/trial", "--timeout=60s")
    items = InferInput("x", [1, 4], "FP32")
    items.set_data_from_numpy(np.ones((1, 4), np.float32))
    with fleet.kube.forwarded("service/gateway", 8080) as address, InferenceServerClient(address) as client:

        def taken_out() -> bool:
            for version in ("1", "2"):
                for _ in range(10):
                    client.infer("trial", [items], model_version=version)
            found = fleet.kube.get("model", "trial")
            conditions = {each["type"]: each["status"] for each in found["status"]["conditions"]}
            return conditions.get("RolledBack") == "True"

        until(taken_out, "the canary to be taken out", 120)
    yield
    fleet.kube.run("delete", "model", "trial", "--timeout=60s")


def publish(fleet: Fleet, folder: Path, domain: str) -> None:
    """Copies the folder of a model into the claim of the demo models."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(folder, folder.name)
    claim = {"name": "claim", "persistentVolumeClaim": {"claimName": "demo-models"}}
    mount = {"name": "claim", "mountPath": "/claim", "subPath": "argosy-demo-models"}
    command = ["sleep", "600"]
    pod = locked_pod("publisher", image("worker-vision"), command, volumes=[claim], mounts=[mount])
    unpack = (
        "import base64, io, sys, tarfile\n"
        "tarfile.open(fileobj=io.BytesIO(base64.b64decode(sys.stdin.read()))).extractall(sys.argv[1], filter='data')"
    )
    fleet.kube.apply(pod)
    try:
        fleet.kube.run("wait", "--for=condition=Ready", "pod/publisher", "--timeout=60s")
        text = base64.b64encode(packed.getvalue()).decode()
        fleet.kube.run("exec", "--stdin", "publisher", "--", "python", "-c", unpack, f"/claim/{domain}", text=text)
    finally:
        fleet.kube.run("delete", "pod", "publisher", "--now")


@contextmanager
def no_api_server(fleet: Fleet, callers: Kube) -> Iterator[None]:
    """The API server is away; it comes back while the operator waits."""
    del fleet
    with in_flight(callers, GATEWAY, name="runbook") as load:
        load.more(100)
        with api_server_away():
            yield
        load.more(100)
        report = load.stop()
    assert report["codes"].keys() == {"OK"}, report


def patch(fleet: Fleet, spec: dict[str, object]) -> None:
    """Changes the Model digits."""
    fleet.kube.run("patch", "model", "digits", "--type=merge", f"--patch={json.dumps({'spec': spec})}")


def ready_reason(fleet: Fleet) -> str:
    """Why the Model digits is Ready or not."""
    conditions = fleet.kube.get("model", "digits").get("status", {}).get("conditions", ())
    return next((str(each["reason"]) for each in conditions if each["type"] == "Ready"), "")


Incident = Callable[[Fleet, Kube], AbstractContextManager[None]]

#: By the headings of the page.
INCIDENTS: dict[str, Incident] = {
    "Runbook": lambda _fleet, _callers: nullcontext(),
    "A model is not READY": model_without_files,
    "Callers get RESOURCE_EXHAUSTED": refused_calls,
    "Callers get UNAVAILABLE": domain_without_workers,
    "A rollout is stuck": image_that_is_not_there,
    "Nobody acts on resources": controller_without_rights,
    "A canary was taken out": canary_that_is_slow,
}
