# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Models that cannot be loaded: the fleet says what is wrong with each, and serves the others."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from argosy_client import Argosy, UnavailableError

from tests.e2e.requests import SEVEN
from tests.e2e.shell import argosy_command
from tests.support.envoy import run_gateway
from tests.support.fleet import copy_models
from tests.support.worker import run_worker

#: What is said of each broken model: file, line and key where there is one.
REASONS = {
    "typo": ("model.yaml:", "batchign", "unknown key"),
    "mistyped": ("model.yaml:", "vision.width", "integer"),
    "bomb": ("model.yaml:", "aliases are not allowed"),
    "corrupt": ("model.onnx",),
    "headless": ("labels.txt",),
}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good model among broken ones."""
    repository = copy_models(tmp_path_factory.mktemp("models"), "vision", "digits", *REASONS)
    for name in REASONS:  # a method has one default model
        _edit(repository / name, "default_for:\n- Classify\n- Embed\n", "")
    _edit(repository / "typo", "methods:\n", "batchign: {}\nmethods:\n")
    _edit(repository / "mistyped", "width: 28", "width: twenty-eight")
    _edit(repository / "bomb", "methods:\n", "a: &a [x, x]\nb: [*a, *a]\nmethods:\n")
    (repository / "corrupt/1/model.onnx").write_bytes(b"not a graph")
    (repository / "headless/labels.txt").unlink()
    return repository


def _edit(folder: Path, before: str, after: str) -> None:
    text = (folder / "model.yaml").read_text()
    assert before in text
    (folder / "model.yaml").write_text(text.replace(before, after))


@pytest.fixture(scope="module")
def argosy(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Argosy]:
    """A client of a fleet that has them all."""
    with (
        run_worker("vision", repository, "--drain-s", "0", wait_for=["model/digits"]) as worker,
        run_gateway([("vision", worker.address)], tmp_path_factory.mktemp("gateway")) as gateway,
        Argosy(gateway.address, timeout_s=30) as client,
    ):
        assert [model.name for model in client.models()] == sorted(["digits", *REASONS])
        yield client


def test_a_good_model_is_served_beside_broken_ones(argosy: Argosy) -> None:
    assert argosy.model("digits").state == "READY"
    assert argosy.vision.classify(SEVEN).best.label == "7"


@pytest.mark.parametrize("name", REASONS)
def test_a_broken_model_is_failed_and_calls_of_it_say_why(argosy: Argosy, name: str) -> None:
    model = argosy.model(name)
    assert model.state == "FAILED"
    with pytest.raises(UnavailableError) as error:
        argosy.vision.classify(SEVEN, model=name)
    assert error.value.reason == "MODEL_NOT_READY"
    assert (error.value.metadata["model"], error.value.metadata["state"]) == (name, "FAILED")
    for said in REASONS[name]:
        assert said in model.reason
        assert said in error.value.message


def test_the_command_lists_broken_models_with_their_reasons(argosy: Argosy) -> None:
    listed = argosy_command("models", "--address", argosy.address)
    rows = argosy_command("models", "--address", argosy.address, "--json")
    assert (listed.status, rows.status) == (0, 0)
    found = {row["name"]: row for row in json.loads(rows.out)}
    text = " ".join(listed.out.split())
    assert found["digits"]["state"] == "READY"
    for name, reasons in REASONS.items():
        assert found[name]["state"] == "FAILED"
        for said in reasons:
            assert said in text
            assert said in found[name]["reason"]


def test_the_check_finds_the_same_without_a_fleet(repository: Path) -> None:
    checked = argosy_command("check", str(repository))
    assert checked.status == 1
    for reasons in REASONS.values():
        for said in reasons:
            assert said in checked.out
