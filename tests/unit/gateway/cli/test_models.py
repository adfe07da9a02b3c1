# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The verbs that edit the fleet document."""

import json
from pathlib import Path

import pytest
import typer
from argosy_gateway import document
from argosy_gateway.cli import models
from typer.testing import CliRunner

APP = typer.Typer()
for verb in (models.load, models.unload, models.label):
    APP.command()(verb)
WORKERS = 'workers: [{domain: vision, address: "127.0.0.1:8101"}]\n'


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    path = tmp_path / "fleet.yaml"
    path.write_text(WORKERS)
    return path


def run(fleet: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(APP, [*arguments, "--fleet", str(fleet)])
    return result.exit_code, result.output


def test_unload_load_and_label_edit_the_document(fleet: Path) -> None:
    assert run(fleet, "unload", "digits") == (0, f"digits: unloaded in {fleet}\n")
    assert run(fleet, "unload", "digits") == (0, f"digits: unloaded in {fleet} already\n")
    assert not document.load(fleet).models["digits"].loaded
    assert run(fleet, "load", "digits")[0] == 0
    assert run(fleet, "label", "digits", "stable=1", "canary=2")[0] == 0
    assert document.load(fleet).models["digits"].labels == {"stable": 1, "canary": 2}
    code, said = run(fleet, "label", "digits", "stable=2", "--remove", "canary")
    assert (code, said) == (0, f"digits: stable is version 2, canary is removed in {fleet}\n")
    assert document.load(fleet).models["digits"].labels == {"stable": 2}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("label", "digits"), "name a label"),
        (("label", "digits", "stable"), "is not LABEL=VERSION"),
        (("label", "digits", "stable=x"), "is not LABEL=VERSION"),
        (("label", "digits", "1st=1"), "pattern"),
        (("unload", "no such/name"), "pattern"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(fleet: Path, arguments: tuple[str, ...], said: str) -> None:
    code, text = run(fleet, *arguments)
    assert code == 2
    assert said in text
    assert len(text.splitlines()) == 1
    assert fleet.read_text() == WORKERS


def test_a_name_that_nothing_knows_is_not_said_to_be_loaded(fleet: Path, tmp_path: Path) -> None:
    code, said = run(fleet, "load", "digist")
    assert (code, "nothing to change" in said, "already" in said) == (0, True, False)
    (tmp_path / "repository" / "digits").mkdir(parents=True)
    entry = {"domain": "vision", "address": "127.0.0.1:8101", "repository": str(tmp_path / "repository")}
    fleet.write_text(json.dumps({"workers": [entry]}))
    assert run(fleet, "load", "digits") == (0, f"digits: loaded in {fleet} already\n")
    assert "nothing to change" in run(fleet, "load", "../repository")[1]


def test_programs_get_what_was_done_as_json(fleet: Path) -> None:
    def facts(*arguments: str) -> object:
        code, said = run(fleet, *arguments, "--json")
        assert code == 0
        return json.loads(said)

    done = {"model": "digits", "in_repository": False, "fleet": str(fleet)}
    assert facts("unload", "digits") == {**done, "loaded": False, "changed": True}
    assert facts("load", "digits") == {**done, "loaded": True, "changed": True}
    assert facts("load", "digits") == {**done, "loaded": True, "changed": False}
    labels = {"model": "digits", "labels": {"stable": 1}, "removed": ["old"], "changed": True, "fleet": str(fleet)}
    assert facts("label", "digits", "stable=1", "--remove", "old") == labels


@pytest.mark.parametrize("arguments", [("unload", "no such/name"), ("label", "digits"), ("label", "digits", "stable")])
def test_programs_get_errors_as_json_on_stderr(fleet: Path, arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(APP, [*arguments, "--fleet", str(fleet), "--json"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert json.loads(result.stderr)["error"]["code"] == "INPUT"


def test_a_document_that_is_not_there_is_refused(tmp_path: Path) -> None:
    code, text = run(tmp_path / "none.yaml", "unload", "digits")
    assert (code, "cannot be read" in text) == (2, True)
