# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy --kube`` as an operator uses it, with the rights that the documentation names."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from argosy import v2

from tests.cluster.fleet import GATEWAY, WORKERS, Fleet
from tests.cluster.kube import Kube, ready, until
from tests.cluster.load import in_flight
from tests.e2e.shell import Ended, argosy_command
from tests.support.fleet import DEMO, MODELS, demo_models

pytestmark = pytest.mark.timeout(600)

VISION = "app.kubernetes.io/name=worker-vision"
SEVEN = str(MODELS / "vision/digits/golden/seven.png")
DOCUMENTED = Path(__file__).resolve().parents[2] / "docs/kubernetes.md"


def config(kube: Kube, path: Path, **changes: str) -> str:
    """A configuration of kubectl whose user, or cluster, is another; returns its file."""
    found = json.loads(kube.run("config", "view", "--raw", "--minify", "--flatten", "--output=json"))
    if user := changes.get("user"):
        found["users"][0]["user"]["as"] = user
    if server := changes.get("server"):
        found["clusters"][0]["cluster"]["server"] = server
    path.touch(0o600)
    path.write_text(json.dumps(found))
    return str(path)


def documented_rights() -> list[dict[str, Any]]:
    """The rules of the table of rights."""
    section = DOCUMENTED.read_text("utf-8").partition("## Rights of operators")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| .+ \| `([a-z/]+)` \| ([a-z, ]+) \|$", section, re.M)
    assert len(rows) == 5
    return [{"apiGroups": [""], "resources": [resource], "verbs": verbs.split(", ")} for resource, verbs in rows]


@pytest.fixture(scope="module")
def operator(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """KUBECONFIG of somebody who has the documented rights and no others."""
    name, group = "argosy-test-operator", "rbac.authorization.k8s.io"
    role = {"apiVersion": f"{group}/v1", "kind": "Role", "metadata": {"name": name}, "rules": documented_rights()}
    binding = {
        "apiVersion": f"{group}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": group, "kind": "Role", "name": name},
        "subjects": [{"apiGroup": group, "kind": "User", "name": name}],
    }
    fleet.kube.apply(role, binding)
    yield config(fleet.kube, tmp_path_factory.mktemp("operator") / "config.json", user=name)
    fleet.kube.run("delete", f"role/{name}", f"rolebinding/{name}")


def kube_argosy(operator: str, *words: str) -> Ended:
    """Runs ``argosy --kube``."""
    return argosy_command("--kube", *words, KUBECONFIG=operator)


def answer(operator: str, *words: str) -> Any:
    """What a verb answers in JSON."""
    ended = kube_argosy(operator, *words, "--json")
    assert (ended.status, ended.err) == (0, ""), ended
    return json.loads(ended.out)


def test_every_verb_asks_the_fleet_on_the_cluster(fleet: Fleet, operator: str) -> None:
    fleet.ready()
    names = {each["name"] for each in answer(operator, "models")}
    assert names == {name for domain in DEMO for name in demo_models(domain)}
    assert answer(operator, "health")["fleet"] == "SERVING"
    assert {each["domain"] for each in answer(operator, "workers")} == set(DEMO)
    assert answer(operator, "vision", "classify", SEVEN)[0]["labels"][0]["label"] == "7"
    assert all(outcome["equal"] for outcome in answer(operator, "demo"))


def test_top_reads_the_metrics_of_every_worker(fleet: Fleet, operator: str) -> None:
    fleet.ready()
    shown = answer(operator, "top", "--interval", "1")
    assert {each["domain"] for each in shown["workers"]} == set(DEMO)
    for worker in shown["workers"]:
        assert (worker["error"], worker["memory_bytes"] > 0) == ("", True), worker
    assert {each["state"] for each in shown["models"]} == {"READY"}


def test_a_worker_is_drained_under_load_and_no_call_fails(fleet: Fleet, callers: Kube, operator: str) -> None:
    with fleet.scaled("worker-vision", 2), in_flight(callers, GATEWAY, name="kube-cli") as load:
        for _ in range(2):
            until(lambda: sum(map(ready, fleet.kube.pods(VISION))) == 2, "two workers")
            chosen = fleet.kube.pods(VISION)[0]["metadata"]["name"]
            load.answers_from(chosen)
            drained = kube_argosy(operator, "drain", chosen)
            assert drained.status == 0, drained
            assert re.fullmatch(rf"{chosen} has ended after \d+ s: nothing was in flight\n", drained.out), drained
            assert chosen not in fleet.kube.run("get", "pods", "--output=name")
            load.more(200)
        report = load.stop()
    assert report["codes"].keys() == {"OK"}, report


def test_a_disruption_budget_is_respected(fleet: Fleet, operator: str) -> None:
    fleet.scale("worker-vision", 2)
    budget = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "argosy-test"},
        "spec": {"minAvailable": 2, "selector": {"matchLabels": {"app.kubernetes.io/name": "worker-vision"}}},
    }
    fleet.kube.apply(budget)
    try:
        until(lambda: "observedGeneration" in fleet.kube.get("pdb", "argosy-test").get("status", {}), "the budget")
        chosen = fleet.kube.pods(VISION)[0]["metadata"]["name"]
        refused = kube_argosy(operator, "drain", chosen, "--timeout", "4")
        assert refused.status == 1
        assert "disruption budget" in refused.err.splitlines()[-1]
        assert ready(fleet.kube.get("pod", chosen))
    finally:
        fleet.kube.run("delete", "pdb", "argosy-test")
        fleet.scale("worker-vision", 1)


def test_the_only_worker_of_a_domain_is_not_drained_by_accident(fleet: Fleet, operator: str) -> None:
    fleet.ready()
    (only,) = fleet.kube.pods("app.kubernetes.io/name=worker-tabular")
    refused = kube_argosy(operator, "drain", only["metadata"]["name"])
    assert (refused.status, refused.out) == (1, "")
    assert "is the only ready pod of worker-tabular" in refused.err
    assert ready(fleet.kube.get("pod", only["metadata"]["name"]))


def test_what_was_logged_of_a_call_is_found_by_its_id(fleet: Fleet, operator: str) -> None:
    fleet.ready()
    request = v2.message("ModelInferRequest")(model_name="sentiment")
    request.inputs.add(name="input_ids", datatype="INT64", shape=[1, 100])
    request.raw_input_contents.append(np.full(100, 10**9, "<i8").tobytes())  # no row of the table of words
    with fleet.kube.forwarded("service/gateway", 8080) as address, grpc.insecure_channel(address) as channel:
        infer = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer")
        for identifier in ("call-of-this-test", "another-call"):
            with pytest.raises(grpc.RpcError):
                infer(request.SerializeToString(), timeout=20, metadata=[("x-request-id", identifier)])
    (line,) = answer(operator, "logs", "call-of-this-test", "--since", "10m")
    assert (line["message"], line["container"], line["fields"]["model"]) == ("engine fault", "worker", "sentiment")
    assert line["pod"].startswith("worker-nlp-")
    shown = kube_argosy(operator, "logs", "call-of-this-test")
    assert f"{line['pod']}/worker WARNING engine fault" in shown.out
    assert kube_argosy(operator, "logs", "no-such-call").status == 1


def test_what_is_wrong_with_the_cluster_is_one_line(fleet: Fleet, operator: str, tmp_path: Path) -> None:
    nobody = config(fleet.kube, tmp_path / "nobody.json", user="argosy-test-nobody")
    away = config(fleet.kube, tmp_path / "away.json", server="https://127.0.0.1:1")
    own = config(fleet.kube, tmp_path / "own.json")
    cases = [
        (kube_argosy(nobody, "models"), "the cluster does not let you: pods is forbidden"),
        (kube_argosy(away, "models"), "no cluster can be reached"),
        (argosy_command("--kube", "-n", "default", "models", KUBECONFIG=own), "no fleet in the namespace default"),
        (argosy_command("--kube", "--context", "x", "models", KUBECONFIG=own), "no cluster can be reached: context"),
        (argosy_command("--kube", "models", PATH="/nowhere"), "kubectl, which is not on PATH"),
    ]
    for ended, text in cases:
        assert (ended.status, ended.out) == (1, ""), ended
        assert text in ended.err
        assert len(ended.err.splitlines()) == 1, ended.err


def test_workers_of_every_domain_can_be_named(fleet: Fleet, operator: str) -> None:
    fleet.ready()
    refused = kube_argosy(operator, "drain", "gateway")
    assert refused.status == 1
    assert all(name in refused.err for name in WORKERS), refused.err
