# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy models traffic`` edits the fleet document."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from argosy_gateway import document
from argosy_gateway.cli.traffic import traffic
from argosy_gateway.traffic import Share, Traffic
from typer.testing import CliRunner

APP = typer.Typer()
APP.command()(traffic)
DOCUMENT = """# ours
workers: [{domain: vision, address: "127.0.0.1:8101"}]
models:
  digits:
    labels: {stable: 1, canary: 2}  # kept
"""


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    path = tmp_path / "fleet.yaml"
    path.write_text(DOCUMENT)
    return path


def run(fleet: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(APP, [*arguments, "--fleet", str(fleet)])
    return result.exit_code, result.output


def facts(fleet: Path, *arguments: str) -> Any:
    code, said = run(fleet, *arguments, "--json")
    assert code == 0, said
    return json.loads(said)


def declared(fleet: Path) -> Traffic:
    entry = document.load(fleet).models["digits"]
    return entry.traffic.resolved(entry.labels)


def test_shares_are_written_changed_and_removed(fleet: Path) -> None:
    code, said = run(fleet, "digits", "stable=90", "canary=10", "--mirror", "canary=2.5")
    assert code == 0
    lines = [line.split() for line in said.splitlines()]
    assert ["stable", "1", "90", "-"] in lines
    assert ["canary", "2", "10", "2.5"] in lines
    assert declared(fleet) == Traffic((Share(2, 1000), Share(1, 9000)), (Share(2, 250),))
    assert run(fleet, "digits", "stable=50", "canary=50")[0] == 0
    assert declared(fleet) == Traffic((Share(2, 5000), Share(1, 5000)), (Share(2, 250),)), "the mirror stays"
    assert run(fleet, "digits", "2=100", "--no-mirror")[0] == 0
    assert declared(fleet) == Traffic((Share(2, 10_000),))
    assert run(fleet, "digits", "--no-split")[0] == 0
    assert fleet.read_text() == DOCUMENT, "nothing of it is left, and all else stayed"


def test_versions_that_the_document_writes_as_numbers_are_edited_too(fleet: Path) -> None:
    fleet.write_text(DOCUMENT + "    traffic:\n      split:\n        1: 90  # most\n        2: 10\n")
    assert run(fleet, "digits", "1=80", "3=20")[0] == 0
    assert declared(fleet) == Traffic((Share(3, 2000), Share(1, 8000)))
    assert "1: 80  # most\n" in fleet.read_text()


def test_without_shares_the_command_shows_what_is_declared(fleet: Path) -> None:
    assert "no shares" in run(fleet, "digits")[1]
    assert "no shares" in run(fleet, "other")[1]
    run(fleet, "digits", "stable=100")
    before = fleet.read_text()
    assert ["stable", "1", "100", "-"] in [line.split() for line in run(fleet, "digits")[1].splitlines()]
    assert fleet.read_text() == before


def test_programs_get_it_as_json(fleet: Path) -> None:
    wanted = {"model": "digits", "split": {"stable": 90, "canary": 10}, "mirror": {"2": 5}, "fleet": str(fleet)}
    wanted["versions"] = {"stable": 1, "canary": 2, "2": 2}
    arguments = ("digits", "stable=90", "canary=10", "--mirror", "2=5")
    assert facts(fleet, *arguments) == {**wanted, "changed": True}
    assert facts(fleet, *arguments) == {**wanted, "changed": False}
    assert facts(fleet, "digits") == {**wanted, "changed": False}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("stable=90",), "must sum to 100, not 90"),
        (("stable",), "is not VERSION=PERCENT"),
        (("stable=x",), "is not VERSION=PERCENT"),
        (("stable=nan",), "is not VERSION=PERCENT"),
        (("stable=50", "stable=50"), "given twice"),
        (("old=100",), "labels has stable, canary"),
        (("stable=100", "--no-split"), "--no-split"),
        (("--mirror", "canary=101"), "is not VERSION=PERCENT"),
        (("--mirror", "canary=0.001"), "two decimals"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_and_nothing_is_written(
    fleet: Path, arguments: tuple[str, ...], said: str
) -> None:
    code, text = run(fleet, "digits", *arguments)
    assert (code, len(text.splitlines())) == (2, 1), text
    assert said in text
    assert fleet.read_text() == DOCUMENT


def test_a_label_that_has_calls_is_not_removed(fleet: Path) -> None:
    from argosy_gateway.document_edit import set_labels

    run(fleet, "digits", "stable=90", "canary=10")
    with pytest.raises(document.DocumentError, match="'canary', and labels has stable"):
        set_labels(fleet, "digits", {}, ("canary",))
