# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What ``argosy check`` prints."""

from pathlib import Path

import typer
from argosy_worker.cli.check import check
from typer.testing import CliRunner

APP = typer.Typer()
APP.command()(check)


def test_nothing_is_said_of_the_methods_and_samples_of_a_model_that_cannot_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "model.yaml").write_text("no_such_key: 1\n")
    result = CliRunner().invoke(APP, [str(tmp_path), "--domain", "tabular"])
    assert result.exit_code == 1
    row = next(line for line in result.output.splitlines() if line.startswith("tabular"))
    assert row.split() == ["tabular", "broken", "-", "-", "-", "FAILED"]
    assert "no_such_key" in result.output
