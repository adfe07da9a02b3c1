# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What docs/runbook.md is about, made to happen: each context holds an incident, and fails where it has not ended."""

import base64
import io
import json
import tarfile
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import numpy as np
from tritonclient.grpc import InferenceServerClient, InferInput
from tritonclient.utils import InferenceServerException

from tests.cluster import api_server
from tests.cluster.fleet import GATEWAY, Fleet
from tests.cluster.host_fleet import add_slow_version, model
from tests.cluster.kube import LOCAL_IMAGES, Kube, Manifest, image, locked_pod, until
from tests.cluster.load import in_flight
from tests.contract.docs_pages import ROOT
from tests.support.models import add_model

PAGE = ROOT / "docs/runbook.md"


@contextmanager
def model_without_files(fleet: Fleet, callers: Kube) -> Iterator[None]:
    """A Model whose source does not exist."""
    del callers
    patch(fleet, {"source": {"uri": "pvc://demo-models/vision/digist"}})
    try:
        until(lambda: ready_reason(fleet) == "PullFailed", "the pull to fail", 60)
        yield
        assert ready_reason(fleet) == "Ready"
    finally:
        patch(fleet, {"source": {"uri": "pvc://demo-models/vision/digits"}})


@contextmanager
def refused_calls(fleet: Fleet, callers: Kube) -> Iterator[None]:
    """More calls than one worker can answer, and a queue that is too short for them."""
    del callers
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "trial").mkdir()
        add_slow_version(Path(folder) / "trial", 1)
        publish(fleet, Path(folder) / "trial", "tabular")
    with (
        fleet.scaled("worker-tabular", 1),  # the operator adds one
        served(fleet, limits={"maxQueue": 1}),
        fleet.kube.forwarded("service/gateway", 8080) as address,
        calling(address, "trial") as ended,
    ):
        until(lambda: ended["UNAVAILABLE"] > 20, "calls to be refused", 60)  # typed calls get RESOURCE_EXHAUSTED
        yield
        refused, answered = ended["UNAVAILABLE"], ended["OK"]
        until(lambda: ended["OK"] > answered + 100, "more answers", 60)
        assert ended["UNAVAILABLE"] == refused


@contextmanager
def domain_without_workers(fleet: Fleet, callers: Kube) -> Iterator[None]:
    """Somebody has scaled a domain down."""
    del callers
    fleet.kube.run("scale", "deployment/worker-tabular", "--replicas=0")
    try:
        until(
            lambda: not fleet.kube.get("pods", "--selector=app.kubernetes.io/name=worker-tabular")["items"], "no worker"
        )
        yield
    finally:
        fleet.kube.run("scale", "deployment/worker-tabular", "--replicas=1")


@contextmanager
def image_that_is_not_there(fleet: Fleet, callers: Kube) -> Iterator[None]:
    """A rollout of an image that nobody has built."""
    del callers
    before = fleet.kube.get("deployment", "worker-vision")["spec"]["template"]["spec"]["containers"][0]["image"]
    fleet.kube.run("set", "image", "deployment/worker-vision", f"worker={LOCAL_IMAGES}/worker-vision:never-built")
    try:
        selector = "--selector=app.kubernetes.io/name=worker-vision"
        until(lambda: "Image" in fleet.kube.run("get", "pods", selector), "a pull to fail")
        yield
    finally:
        fleet.kube.run("set", "image", "deployment/worker-vision", f"worker={before}")


@contextmanager
def controller_without_rights(fleet: Fleet, callers: Kube) -> Iterator[None]:
    """Rights have been taken away, and a change is not acted upon."""
    del callers
    ours = "--selector=app.kubernetes.io/part-of=argosy"
    holder = fleet.kube.get("lease", "argosy-controller")["spec"]["holderIdentity"].rpartition("-")[0]
    rights = fleet.kube.get("rolebindings", ours)["items"]
    fleet.kube.run("delete", "rolebindings", ours)
    try:
        patch(fleet, {"labels": {"stable": 1, "runbook": 1}})
        said = lambda: fleet.kube.run("logs", holder, "--container=controller", "--tail=50")  # noqa: E731
        until(lambda: "status not written" in said(), "a status that cannot be written", 60)
        assert not observed(fleet)
        yield
        assert observed(fleet)
    finally:
        fleet.kube.apply(*({**each, "metadata": _named(each)} for each in rights))
        patch(fleet, {"labels": {"runbook": None}})


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
    with served(fleet, **spec):
        with (
            fleet.kube.forwarded("service/gateway", 8080) as address,
            calling(address, "trial", "1"),
            calling(address, "trial", "2"),
        ):
            until(lambda: condition(fleet, "trial", "RolledBack") == "True", "the canary to be taken out", 120)
        yield


@contextmanager
def served(fleet: Fleet, **spec: object) -> Iterator[None]:
    """A Model of what was published as trial, Ready; it is deleted after the block."""
    fleet.kube.apply(model("trial", "pvc://demo-models/tabular/trial", **spec))
    try:
        fleet.kube.run("wait", "--for=condition=Ready", "model/trial", "--timeout=60s")
        yield
    finally:
        fleet.kube.run("delete", "model", "trial", "--timeout=60s")


@contextmanager
def calling(address: str, name: str, version: str = "", callers: int = 4) -> Iterator[Counter[str]]:
    """Calls a model from here throughout the block; yields what has become of the calls, by status."""
    ended: Counter[str] = Counter()
    stop = threading.Event()

    def call() -> None:
        items = InferInput("x", [1, 4], "FP32")
        items.set_data_from_numpy(np.ones((1, 4), np.float32))
        with InferenceServerClient(address) as client:
            while not stop.wait(0.01):
                try:
                    client.infer(name, [items], model_version=version, client_timeout=10)
                    code = "OK"
                except InferenceServerException as error:
                    code = str(error.status()).removeprefix("StatusCode.")
                with lock:
                    ended[code] += 1

    lock = threading.Lock()
    threads = [threading.Thread(target=call) for _ in range(callers)]
    for thread in threads:
        thread.start()
    try:
        yield ended
    finally:
        stop.set()
        for thread in threads:
            thread.join()


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
        "tarfile.open(fileobj=io.BytesIO(base64.b64decode(sys.stdin.read()))).extractall(sys.argv[1])"
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
        with api_server.away():
            yield
        load.more(100)
        report = load.stop()
    assert report["codes"].keys() == {"OK"}, report


def patch(fleet: Fleet, spec: dict[str, object]) -> None:
    """Changes the Model digits."""
    fleet.kube.run("patch", "model", "digits", "--type=merge", f"--patch={json.dumps({'spec': spec})}")


def observed(fleet: Fleet) -> bool:
    """Whether the last change of the Model digits was seen."""
    digits = fleet.kube.get("model", "digits")
    return bool(digits["status"]["observedGeneration"] == digits["metadata"]["generation"])


def _named(found: Manifest) -> Manifest:
    """What was somebody's own of an object's metadata."""
    return {key: found["metadata"][key] for key in ("name", "labels") if key in found["metadata"]}


def condition(fleet: Fleet, name: str, kind: str, field: str = "status") -> str:
    """A field of a condition of a Model; empty where it has none."""
    conditions = fleet.kube.get("model", name).get("status", {}).get("conditions", ())
    return next((str(each[field]) for each in conditions if each["type"] == kind), "")


def ready_reason(fleet: Fleet) -> str:
    """Why the Model digits is Ready or not."""
    return condition(fleet, "digits", "Ready", "reason")


Incident = Callable[[Fleet, Kube], AbstractContextManager[None]]

#: By the headings of the page; the first is what one begins with.
INCIDENTS: dict[str, Incident] = {
    "Runbook": lambda _fleet, _callers: nullcontext(),
    "A model is not READY": model_without_files,
    "Callers get RESOURCE_EXHAUSTED": refused_calls,
    "Callers get UNAVAILABLE": domain_without_workers,
    "A rollout is stuck": image_that_is_not_there,
    "Nobody acts on resources": controller_without_rights,
    "A canary was taken out": canary_that_is_slow,
}
#: Heading of the one that needs commands of the cluster's own.
AWAY = "The API server is away"
