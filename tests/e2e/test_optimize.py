# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy optimize`` on a copy of a demo model: variants are measured, added, and served by nobody until listed."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from argosy_client.cli.app import app
from typer.testing import CliRunner

from tests.support.fleet import MODELS


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    shutil.copytree(MODELS / "tabular/diabetes", tmp_path / "tabular/diabetes")
    return tmp_path / "tabular"


def test_variants_are_measured_beside_the_original_and_not_switched_to(repository: Path) -> None:
    before = (repository / "diabetes/model.yaml").read_text()
    data = str(MODELS / "tabular/diabetes/heldout.json")
    command = ["optimize", "diabetes", "--repository", str(repository), "--data", data, "--json"]
    ended = CliRunner().invoke(app, command)
    assert ended.exit_code == 0, ended.output
    original, half, eight = json.loads(ended.stdout)["variants"]
    assert [one["kind"] for one in (original, half, eight)] == ["original", "fp16", "int8"]
    assert half["size_bytes"] < original["size_bytes"]
    assert 0 < half["difference"] < eight["difference"] < 0.05
    recorded = {one["name"]: one["value"] for one in yaml.safe_load(before)["metrics"]}
    assert original["metrics"]["mae"] == pytest.approx(recorded["mae"], abs=1e-2)
    for one in (original, half, eight):
        assert one["p50_ms"] > 0
        assert one["metrics"]["mae"] == pytest.approx(original["metrics"]["mae"], rel=0.02)
    text = (repository / "diabetes/model.yaml").read_text()
    assert yaml.safe_load(text)["version_policy"] == {"listed": [1]}
    assert text.splitlines()[:8] == before.splitlines()[:8]
    assert sorted(path.name for path in (repository / "diabetes").iterdir() if path.is_dir()) == [
        "1",
        "2",
        "3",
        "golden",
    ]
    (repository / "diabetes/model.yaml").write_text(
        text.replace("version_policy:\n  listed:\n  - 1", "version_policy: {all: true}")
    )
    checked = CliRunner().invoke(app, ["check", str(repository), "--json"])
    assert checked.exit_code == 0, checked.output
    assert [one["version"] for one in json.loads(checked.stdout)[0]["versions"]] == [3, 2, 1]


def test_a_dry_run_adds_nothing_and_leaves_nothing(repository: Path) -> None:
    before = sorted(repository.rglob("*"))
    command = ["optimize", "diabetes", "--repository", str(repository), "--kind", "fp16", "--dry-run"]
    ended = CliRunner().invoke(app, command)
    assert ended.exit_code == 0, ended.output
    assert "fp16" in ended.stdout
    assert sorted(repository.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "says"), [(["nothing"], "no repository holds"), (["diabetes", "--kind", "int3"], "is no variant")]
)
def test_what_is_not_there_is_said_in_a_line(arguments: list[str], says: str, repository: Path) -> None:
    ended = CliRunner().invoke(app, ["optimize", *arguments, "--repository", str(repository)])
    assert ended.exit_code == 2
    assert says in ended.output
