# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Model resources: what the API server takes, what workers make of them, and what kubectl shows."""

import json
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from argosy.fleet.v1 import model_pb2
from argosy_worker.repository.digest import digest

from tests.cluster.host_fleet import CRDS, HostFleet, add_slow_version, host_fleet, model
from tests.cluster.kube import Kube, KubectlError, until
from tests.support.models import add_model
from tests.support.s3 import s3_server

SHA256 = "0" * 64


@pytest.fixture(scope="module")
def api() -> Kube:
    """The cluster with the definition of the resource."""
    kube = Kube("default")
    kube.run("apply", f"--kustomize={CRDS}")
    kube.run("wait", "--for=condition=Established", "crd/models.argosy.dev", "--timeout=60s")
    return kube


def tried(kube: Kube, spec: dict[str, Any], name: str = "digits") -> None:
    """Lets the API server check a resource. Raises KubectlError where it refuses."""
    found = model(name, "pvc://demo/digits")
    found["spec"] = {key: value for key, value in {**found["spec"], **spec}.items() if value is not None}
    kube.run("create", "--dry-run=server", "--filename=-", "--validate=strict", text=json.dumps(found))


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"name": "two_tower"},
        {"source": {"uri": "s3://bucket/a/b", "sha256": SHA256}},
        {"source": {"uri": "https://models.example:8443/a/digits.tar.gz", "sha256": SHA256}},
        {"source": {"uri": "gs://bucket"}},
        {"source": {"uri": "az://container/folder"}},
        {"versionPolicy": {"latest": 2}},
        {"versionPolicy": {"listed": [1, 3]}},
        {"versionPolicy": {"all": True}},
        {"labels": {"stable": 1, "canary": 2}, "traffic": {"split": {"stable": 90, "canary": 10}}},
        {"labels": {"stable": 1}, "traffic": {"split": {"stable": 66.67, "2": 33.33}, "mirror": {"3": 0.25}}},
        {"traffic": {"split": {}}},
        {
            "batching": {"maxBatchSize": 0, "maxDelayMs": 1.5},
            "limits": {"maxItems": 4, "maxQueue": 9, "gpuMemoryMb": 1},
        },
        {"placement": {"pool": "worker-vision-gpu", "minCopies": 1, "maxCopies": 1}},
        {"labels": {"stable": 1, "canary": 2}, "canary": {"maxErrorPercent": 1}},
        {"golden": [{"file": "golden/a.json", "tolerance": 0.01, "versions": [1]}], "loaded": False},
    ],
)
def test_the_api_server_takes_what_can_be_served(api: Kube, spec: dict[str, Any]) -> None:
    tried(api, spec)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"domain": "audio"}, "Unsupported value"),
        ({"domain": None}, "Required value"),
        ({"source": None}, "Required value"),
        ({"source": {"uri": "ftp://host/a"}}, "should match"),
        ({"source": {"uri": "http://host/a.onnx", "sha256": SHA256}}, "should match"),
        ({"source": {"uri": "https://user:secret@host/a.onnx", "sha256": SHA256}}, "should match"),
        ({"source": {"uri": "https://host/a.onnx?token=secret", "sha256": SHA256}}, "should match"),
        ({"source": {"uri": "https://host/a.onnx"}}, "is required with https"),
        ({"source": {"uri": "pvc://demo/../other"}}, "as a part of its path"),
        ({"source": {"uri": "pvc://demo/a", "sha256": "abc"}}, "should match"),
        ({"name": "-x"}, "should match"),
        ({"versionPolicy": {"latest": 1, "all": True}}, "set one of"),
        ({"versionPolicy": {}}, "set one of"),
        ({"labels": {"1": 1}}, "a label begins with a letter"),
        ({"labels": {"stable": 0}}, "greater than or equal to 1"),
        ({"labels": {"stable": 1}, "traffic": {"split": {"stable": 60, "2": 30}}}, "must sum to 100"),
        ({"traffic": {"split": {"1": 99.999, "2": 0.001}}}, "at most two decimals"),
        ({"traffic": {"split": {"stable": 100}}}, "names a label that labels does not have"),
        ({"traffic": {"mirror": {"canary": 1}}}, "names a label that labels does not have"),
        ({"traffic": {"split": {"1": 101, "2": -1}}}, "less than or equal to 100"),
        ({"placement": {"minCopies": 3, "maxCopies": 2}}, "greater than maxCopies"),
        ({"placement": {}}, "at least 1 propert"),
        ({"golden": [{"file": "../secret.json"}]}, "should match"),
        ({"labels": {"stable": 1}, "canary": {"maxErrorPercent": 1}}, "canary names a label that labels does not have"),
        ({"labels": {"stable": 1, "canary": 2}, "canary": {}}, "set maxErrorPercent, maxLatencyFactor"),
        ({"unknown": 1}, "unknown field"),
    ],
)
def test_the_api_server_refuses_what_cannot(api: Kube, spec: dict[str, Any], reason: str) -> None:
    with pytest.raises(KubectlError, match=reason):
        tried(api, spec)


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    """A bucket "models": the variables of who may use it."""
    with s3_server("models") as variables:
        yield variables


@pytest.fixture(scope="module")
def fleet(api: Kube, s3: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[HostFleet]:
    """Two workers on this machine, and no controller yet."""
    del api
    with host_fleet(tmp_path_factory.mktemp("fleet"), f"argosy-test-models-{uuid.uuid4().hex[:6]}", s3) as found:
        yield found


@pytest.fixture
def led(fleet: HostFleet) -> Iterator[HostFleet]:
    """The workers with a controller."""
    with fleet.controller():
        yield fleet


def test_names_and_domains_do_not_change(led: HostFleet) -> None:
    led.apply("fixed", led.publish("fixed"), name="fixed_name")
    for change in ({"name": "other"}, {"name": None}, {"domain": "vision"}):
        with pytest.raises(KubectlError, match="cannot change"):
            led.kube.run("patch", "model", "fixed", "--type=merge", "--patch", json.dumps({"spec": change}))
    led.ready("fixed")
    assert set(led.held(led.workers[0])) >= {"fixed_name"}
    led.kube.run("delete", "model", "fixed", "--timeout=60s")


def test_a_model_becomes_ready_shows_in_columns_and_goes_when_it_is_deleted(led: HostFleet) -> None:
    led.apply("scale", led.publish("scale"), labels={"stable": 1}, traffic={"split": {"stable": 100}})
    led.ready("scale")
    header, line = led.kube.run("get", "mdl", "scale").splitlines()
    assert header.split() == ["NAME", "DOMAIN", "READY", "VERSION", "TRAFFIC", "REQUESTS/S", "P99", "AGE"]
    until(lambda: led.kube.get("model", "scale")["status"]["copies"] == "2/2", "both copies", 60)
    shown = led.kube.get("model", "scale")
    assert (shown["status"]["version"], shown["status"]["traffic"]) == ("1", "stable 100")
    assert shown["status"]["observedGeneration"] == shown["metadata"]["generation"]
    assert [each["state"] for each in shown["status"]["workers"]] == ["Ready", "Ready"]
    assert "argosy.dev/drained" in shown["metadata"]["finalizers"]
    assert re.match(r"scale +tabular +[12]/2 +1 +stable 100 ", line), line
    events = led.kube.get("events", "--field-selector=involvedObject.name=scale")["items"]
    assert "Ready" in {event["reason"] for event in events}
    for worker in led.workers:
        assert dict(led.held(worker)["scale"].description.version_labels) == {"stable": "1"}
    led.kube.run("delete", "model", "scale", "--timeout=60s")
    until(lambda: not any("scale" in led.held(worker) for worker in led.workers), "the copies to go", 30)


def test_describe_says_why_a_model_is_not_ready(led: HostFleet) -> None:
    uri = led.publish("corrupt")
    (led.folder / "claims/demo/corrupt/1/model.onnx").write_bytes(b"no graph")
    led.apply("corrupt", uri)
    led.apply("missing", "pvc://demo/missing")
    led.kube.apply(
        model("hash", led.publish("hash")) | {"spec": {"domain": "tabular", "source": {"uri": uri, "sha256": SHA256}}}
    )
    led.apply("unstaffed", uri, placement={"pool": "worker-tabular-gpu"})
    for name, reason, text in (
        ("corrupt", "LoadFailed", "model.onnx"),
        ("missing", "PullFailed", "claim 'demo' has no 'missing'"),
        ("hash", "PullFailed", f"wanted {SHA256}"),
        ("unstaffed", "NoWorkers", "there is no worker of domain 'tabular' in pool 'worker-tabular-gpu'"),
    ):
        led.not_ready(name, reason)
        described = led.kube.run("describe", "model", name)
        assert text in described, described
        assert re.search(rf"Warning +{reason}", described), described
    led.publish("missing")
    led.ready("missing")
    led.kube.run("delete", "models", "--all", "--timeout=60s")


def test_another_hash_is_another_model_and_the_status_is_of_what_is_wanted_now(led: HostFleet) -> None:
    uri = led.publish("changing")
    folder = led.folder / "claims/demo/changing"
    led.kube.apply(
        model("changing", uri) | {"spec": {"domain": "tabular", "source": {"uri": uri, "sha256": digest(folder)}}}
    )
    led.ready("changing")
    (folder / "model.yaml").write_text("description: newer\n")
    source = {"spec": {"source": {"sha256": digest(folder)}}}
    led.kube.run("patch", "model", "changing", "--type=merge", "--patch", json.dumps(source))
    generation = led.kube.get("model", "changing")["metadata"]["generation"]
    until(lambda: led.kube.get("model", "changing")["status"]["observedGeneration"] == generation, "the report", 60)
    led.ready("changing")
    until(
        lambda: all(led.held(worker)["changing"].description.description == "newer" for worker in led.workers), "it", 60
    )
    led.kube.run("delete", "model", "changing", "--timeout=60s")


def test_a_limit_of_copies_leaves_the_others_out_and_unloading_keeps_the_files(led: HostFleet) -> None:
    led.apply("few", led.publish("few"), placement={"maxCopies": 1})
    led.ready("few")
    assert led.kube.get("model", "few")["status"]["copies"] == "1/1"
    assert sum("few" in led.held(worker) for worker in led.workers) == 1
    led.kube.run("patch", "model", "few", "--type=merge", '--patch={"spec":{"loaded":false}}')
    led.not_ready("few", "Unloaded")
    holder = next(worker for worker in led.workers if "few" in led.held(worker))
    states = lambda: [version.state for version in led.held(holder)["few"].versions]  # noqa: E731
    until(lambda: states() == [model_pb2.MODEL_STATE_UNLOADED], "it to be unloaded", 30)
    led.kube.run("delete", "model", "few", "--timeout=60s")


@pytest.mark.parametrize("broken", [False, True])
def test_argosy_add_uploads_a_model_and_applies_its_resource(
    led: HostFleet, s3: dict[str, str], tmp_path: Path, broken: bool
) -> None:
    graph = add_model(tmp_path, "Own_Model") / "1/model.onnx"
    command = [Path(sys.executable).parent / "argosy", "add", graph, "--domain", "tabular", "--name", "Own_Model"]
    command += ["--cluster", "s3://models/team", "--namespace", led.kube.namespace, "--wait", "60", "--json"]
    environment = {**os.environ, **s3}
    if broken:
        led.apply("own-model", "s3://models/nowhere", name="Own_Model", placement={"pool": "nobody"})
        command[-2] = "3"
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=90, check=False)
    facts = json.loads(done.stdout)
    assert facts["resource"] == "own-model"
    if broken:
        assert (done.returncode, facts["outcome"]) == (1, "not served")
        assert "no worker of domain 'tabular' in pool 'nobody'" in facts["reason"], "what others have said stays"
    else:
        assert (done.returncode, facts["outcome"]) == (0, "served"), done.stderr
        assert all("Own_Model" in led.held(worker) for worker in led.workers)
    led.kube.run("delete", "model", "own-model", "--timeout=60s")


def test_a_canary_that_is_slower_loses_its_share_and_does_not_get_it_back(led: HostFleet) -> None:
    uri = led.publish("slower")
    add_slow_version(led.folder / "claims/demo/slower", 2)
    spec: dict[str, Any] = {
        "versionPolicy": {"all": True},
        "labels": {"stable": 1, "canary": 2},
        "traffic": {"split": {"stable": 80, "canary": 20}},
        "canary": {"maxLatencyFactor": 3, "minRequests": 20},
    }
    led.apply("slower", uri, **spec)
    led.ready("slower")
    split = lambda: led.kube.get("model", "slower")["spec"]["traffic"]["split"]  # noqa: E731
    worker = led.workers[0]

    def called() -> bool:
        for version in ("1", "2"):
            led.call(worker, "slower", version, times=10)
        return bool(split() == {"stable": 100})

    until(called, "the canary to lose its share", 60)
    until(lambda: led.condition("slower", "RolledBack").get("status") == "True", "the report", 60)
    assert "'stable' within" in led.kube.run("describe", "model", "slower")
    led.apply("slower", uri, **spec)
    until(lambda: split() == {"stable": 100}, "the same versions to be taken out again", 30)
    led.kube.run("delete", "model", "slower", "--timeout=60s")


@pytest.mark.timeout(240)
def test_another_controller_takes_over_with_a_higher_epoch(fleet: HostFleet) -> None:
    uri = fleet.publish("over")
    with fleet.controller("second") as second:
        fleet.apply("over", uri)
        fleet.ready("over")
        before = fleet.kube.get("model", "over")["status"]["epoch"]
        with fleet.controller("third"):
            second.kill()
            fleet.kube.run("patch", "model", "over", "--type=merge", '--patch={"spec":{"labels":{"stable":1}}}')
            until(lambda: fleet.kube.get("model", "over")["status"]["epoch"] > before, "the next controller", 60)
            labels = lambda worker: dict(fleet.held(worker)["over"].description.version_labels)  # noqa: E731
            until(lambda: all(labels(worker) == {"stable": "1"} for worker in fleet.workers), "its labels", 30)
            fleet.kube.run("delete", "model", "over", "--timeout=60s")


def test_a_controller_asks_for_no_more_than_it_may(fleet: HostFleet) -> None:
    said = "".join(fleet.log(name) for name in ("first", "second", "third"))
    assert "forbidden" not in said.lower(), said
    assert "defect" not in said, said
