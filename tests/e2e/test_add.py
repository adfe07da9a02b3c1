# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy add`` on a running fleet of its own, whose repository grows."""

import json
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argosy_client import Argosy
from argosy_client.bridge.calling import answers, await_answer, one_item
from argosy_client.bridge.diagnose import diagnose
from argosy_client.bridge.live import wait_until_ready
from argosy_client.bridge.preparing import Wanted, prepare
from argosy_client.bridge.probe import difference
from argosy_client.bridge.samples import compute
from argosy_client.cli.app import app
from typer.testing import CliRunner

from tests.contract.docs_grpcurl import grpcurl
from tests.e2e.shell import argosy_command
from tests.support.awkward import AWKWARD
from tests.support.envoy import Gateway, run_gateway
from tests.support.fleet import MODELS
from tests.support.models import add_model
from tests.support.worker import run_worker

#: What differs from another one in its advice alone is left to the diagnosis' own tests.
ADVICE_ALONE = {"batch-of-one-keras", "batch-of-one-sklearn", "number-labels", "unnamed-batch"}
SERVED = [name for name, awkward in AWKWARD.items() if awkward.served and name not in ADVICE_ALONE]


@dataclass(frozen=True)
class Growing:
    """A fleet of one worker, and its repository."""

    gateway: Gateway
    repository: Path
    graphs: Path

    def add(self, *arguments: object) -> tuple[int, dict[str, Any]]:
        """Runs ``argosy add`` on it; returns the exit code and the JSON that it prints, errors too."""
        command = ["add", *map(str, arguments), "--repository", str(self.repository), "--json"]
        ended = CliRunner().invoke(app, [*command, "--address", self.gateway.address])
        return ended.exit_code, json.loads(ended.stdout or ended.stderr)


@pytest.fixture(scope="module")
def growing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Growing]:
    folder = tmp_path_factory.mktemp("growing")
    repository, graphs = folder / "models", folder / "graphs"
    add_model(repository, "first")
    for name, awkward in AWKWARD.items():
        (graphs / name).mkdir(parents=True)
        awkward.make(graphs / name / "model.onnx")
    (folder / "gateway").mkdir()
    options = ("--repository-poll-s", "0.2", "--repository-settle-s", "0.1", "--drain-s", "0", "--cache-dir", "")
    with (
        run_worker("tabular", repository, *options) as worker,
        run_gateway([("tabular", worker.address)], folder / "gateway") as gateway,
    ):
        yield Growing(gateway, repository, graphs)


@pytest.fixture(scope="module")
def added(growing: Growing) -> Growing:
    """The same, with every awkward graph added that is not refused."""
    for name in SERVED:
        code, facts = growing.add(growing.graphs / name, "--domain", "tabular", "--wait", 0)
        assert code == 0, facts.get("reason", facts)
    return growing


@pytest.fixture(scope="module")
def client(growing: Growing) -> Iterator[Argosy]:
    with Argosy(growing.gateway.address, timeout_s=30) as opened:
        yield opened


@pytest.mark.parametrize("name", SERVED)
def test_an_awkward_graph_that_is_served_answers_as_bare_onnx_runtime_does(
    name: str, added: Growing, client: Argosy
) -> None:
    prepared = prepare(Wanted(added.graphs / name))
    diagnosis, samples = prepared.diagnosis, prepared.samples
    assert diagnosis.session is not None
    assert samples is not None
    wait_until_ready(client, name, 1, 30)
    await_answer(client, name, 1, one_item(samples.inputs, diagnosis.max_batch_size), 10)
    _, served = answers(client, name, 1, samples.inputs, diagnosis.max_batch_size)
    bare = compute(diagnosis.session, samples.inputs, diagnosis.max_batch_size)
    assert set(served) == set(bare)
    if name != "random":
        assert max(difference(served[output], array) for output, array in bare.items()) < 1e-6


def test_a_refused_graph_leaves_nothing_behind(growing: Growing) -> None:
    code, facts = growing.add(growing.graphs / "zipmap")
    assert (code, facts["outcome"], facts["findings"][0]["code"]) == (1, "refused", "NOT_TENSORS")
    assert not (growing.repository / "zipmap").exists()
    assert not [path for path in growing.repository.iterdir() if path.name.startswith(".")]


def test_a_model_is_proven_against_the_frameworks_own_outputs_and_called_as_printed(
    growing: Growing, tmp_path: Path
) -> None:
    AWKWARD["number-labels"].make(tmp_path / "model.onnx")
    (tmp_path / "features.txt").write_text("length\nwidth\nheight\nweight\n")
    session = diagnose(tmp_path / "model.onnx").session
    assert session is not None
    rows = np.random.default_rng(1).normal(size=(9, 4)).astype(np.float32)
    np.savez(tmp_path / "in.npz", rows)
    np.savez(tmp_path / "out.npz", probabilities=session.run({"x": rows})["probabilities"] + np.float32(1e-5))
    files = ("--samples", tmp_path / "in.npz", "--expected", tmp_path / "out.npz")
    code, facts = growing.add(tmp_path, "--name", "parcels", *files)
    assert code == 0, facts.get("reason", facts)
    assert facts["outcome"] == "served"
    assert (facts["domain"], facts["methods"], facts["golden_samples_by"]) == (
        "tabular",
        ["Predict", "PredictStream"],
        "framework",
    )
    assert 5e-6 < facts["served"]["difference"]["probabilities"] < 2e-5
    assert max(facts["served"]["difference_from_onnxruntime"].values()) < 1e-6
    latency = facts["served"]["latency"]
    assert 0 < latency["bare_ms"] < latency["p50_ms"] <= latency["p99_ms"]
    calls = facts["calls"]
    assert set(calls) == {"cli", "python", "go", "java", "node", "grpcurl"}
    words = shlex.split(calls["cli"])
    assert f"weight={rows[0][3]!s}" in calls["cli"]
    printed = argosy_command(*words[1:])
    assert "model parcels, version 1" in printed.out, printed
    exec(compile(calls["python"], "printed", "exec"), {})  # noqa: S102 - what we print has to run
    words = shlex.split(calls["grpcurl"])
    assert (words[:2], words[2:4]) == (["grpcurl", "-plaintext"], ["-H", "x-model: parcels"])
    assert '"classes"' in grpcurl(["-plaintext", *words[4:]])


def test_tensors_are_called_as_printed(added: Growing, client: Argosy) -> None:
    code, facts = added.add(added.graphs / "batch-second", "--name", "by-tensors")
    assert code == 0, facts.get("reason", facts)
    assert facts["methods"] == []
    printed = argosy_command(*shlex.split(facts["calls"]["cli"])[1:])
    assert "model by-tensors, version 1" in printed.out, printed
    exec(compile(facts["calls"]["python"], "printed", "exec"), {})  # noqa: S102 - what we print has to run
    words = shlex.split(facts["calls"]["grpcurl"])
    assert '"modelName": "by-tensors"' in grpcurl(["-plaintext", *words[4:]])


def test_a_demo_model_without_its_model_yaml_is_served_with_the_methods_that_its_graph_tells(
    growing: Growing, client: Argosy, tmp_path: Path
) -> None:
    for file in ("1/model.onnx", "background.npy"):
        shutil.copy(MODELS / "tabular/anomaly" / file, tmp_path)
    code, facts = growing.add(tmp_path, "--name", "pumps")
    assert code == 0, facts.get("reason", facts)
    assert (facts["outcome"], facts["methods"]) == ("served", ["Predict", "PredictStream", "Explain"])
    readings = np.load(tmp_path / "background.npy")[:2]
    verdicts = [one.anomaly for one in client.tabular.predict(readings, model="pumps")]
    assert [len(verdict.features) for verdict in verdicts if verdict] == [7, 7]


def test_methods_are_the_callers_where_they_are_named(growing: Growing) -> None:
    code, facts = growing.add(growing.graphs / "plain", "--name", "one", "--method", "Predict", "--wait", 0)
    assert (code, facts["methods"]) == (0, ["Predict"])
    code, error = growing.add(growing.graphs / "plain", "--name", "none", "--method", "Explain", "--wait", 0)
    assert code != 0
    assert "Explain needs" in error["error"]["message"]
    assert not (growing.repository / "none").exists()


def test_outputs_of_another_model_are_refused(growing: Growing, tmp_path: Path) -> None:
    AWKWARD["plain"].make(tmp_path / "model.onnx")
    np.savez(tmp_path / "samples.npz", x=np.ones((2, 4), np.float32))
    np.savez(tmp_path / "expected.npz", y=np.zeros((2, 3), np.float32))
    code, facts = growing.add(tmp_path, "--name", "liar")
    assert (code, facts["outcome"], facts["findings"][-1]["code"]) == (1, "refused", "SAMPLES_DIFFER")
    assert not (growing.repository / "liar").exists()


def test_a_name_that_is_taken_is_refused_until_it_is_to_be_replaced(growing: Growing) -> None:
    assert growing.add(growing.graphs / "nchw", "--name", "twice", "--domain", "tabular", "--wait", 0)[0] == 0
    code, error = growing.add(growing.graphs / "nhwc", "--name", "twice", "--domain", "tabular", "--wait", 0)
    assert code != 0
    assert "exists already" in error["error"]["message"]
    code, facts = growing.add(growing.graphs / "nhwc", "--name", "twice", "--domain", "tabular", "--replace")
    assert code == 0, facts.get("reason", facts)
    assert (facts["version"], facts["served"]["version"]) == (2, "2")


def test_a_repository_that_no_worker_watches_is_told(growing: Growing, tmp_path: Path) -> None:
    command = ["add", str(growing.graphs / "plain"), "--repository", str(tmp_path), "--wait", "0.3", "--json"]
    ended = CliRunner().invoke(app, [*command, "--name", "nowhere", "--address", growing.gateway.address])
    assert ended.exit_code == 1
    assert "no worker has seen it" in json.loads(ended.stdout)["reason"]
