# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Where ``argosy add`` puts a model: into a repository here or into a store, and never into one for the other."""

from pathlib import Path

import pytest
from argosy_client.cli.app import app
from typer.testing import CliRunner

from tests.support.awkward import AWKWARD


def add(folder: Path, *options: str) -> tuple[int, str]:
    """Exit code and the line on stderr of an addition, which needs no fleet."""
    AWKWARD["plain"].make(folder / "model.onnx")
    ended = CliRunner().invoke(app, ["add", str(folder), "--wait", "0", *options])
    return ended.exit_code, ended.stderr


def test_a_store_without_a_name_is_none_and_nothing_is_written_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deploy/local").mkdir(parents=True)
    (tmp_path / "deploy/local/fleet.yaml").write_text("workers: [{domain: tabular, repository: here}]")
    code, line = add(tmp_path, "--cluster", "")
    assert code == 2
    assert "--cluster" in line
    assert not (tmp_path / "here").exists()


@pytest.mark.parametrize("options", [("--repository", "here"), ("--fleet", "fleet.yaml"), ("--replace",)])
@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_options_of_a_repository_are_none_of_a_cluster(
    tmp_path: Path, options: tuple[str, ...], more: tuple[str, ...]
) -> None:
    code, line = add(tmp_path, "--cluster", "s3://bucket/models", *options, *more)
    assert code == 2
    assert f"{options[0]}: of a repository here" in line


def test_a_namespace_without_a_cluster_is_wrong_usage(tmp_path: Path) -> None:
    code, line = add(tmp_path, "--repository", str(tmp_path / "here"), "--namespace", "team")
    assert code == 2
    assert "it goes with --cluster" in line
    assert not (tmp_path / "here").exists()
