# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Any model by its tensors, with the SDK and on the command line."""

import json
from pathlib import Path

import numpy as np
import pytest
from argosy_client import Argosy, AsyncArgosy, NotFoundError
from argosy_client.cli.app import app
from typer.testing import CliRunner

from tests.support.fleet import FleetAddresses

ROWS = {"features": np.zeros((2, 10), np.float32)}


async def test_both_clients_get_the_same_tensors(argosy: Argosy, fleet: FleetAddresses) -> None:
    blocking = argosy.tensors.infer("diabetes", ROWS)
    assert (blocking.model, blocking.version, blocking.timing.device) == ("diabetes", "1", "cpu")
    async with AsyncArgosy(fleet.gateway) as client:
        awaited = await client.tensors.infer("diabetes", ROWS, version=1)
    assert {name: array.tolist() for name, array in blocking.outputs.items()} == {
        name: array.tolist() for name, array in awaited.outputs.items()
    }


def test_a_model_that_is_not_there_is_not_found(argosy: Argosy) -> None:
    with pytest.raises(NotFoundError, match="nothing"):
        argosy.tensors.infer("nothing", ROWS)


def test_arrays_go_in_and_come_out_as_files(fleet: FleetAddresses, tmp_path: Path) -> None:
    np.savez(tmp_path / "in.npz", **ROWS)
    command = ["infer", "diabetes", str(tmp_path / "in.npz"), "--output", str(tmp_path / "out.npz"), "--json"]
    ended = CliRunner().invoke(app, [*command, "--address", fleet.gateway])
    assert ended.exit_code == 0, ended.output
    (name,) = json.loads(ended.stdout)["outputs"]
    assert np.load(tmp_path / "out.npz")[name].shape == (2, 1)


@pytest.mark.parametrize("content", ["no tensors", "{}", '{"inputs": {"x": {}}}'])
def test_a_file_that_holds_no_tensors_is_said_in_a_line(content: str, fleet: FleetAddresses, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(content)
    ended = CliRunner().invoke(app, ["infer", "diabetes", str(tmp_path / "in.json"), "--address", fleet.gateway])
    assert ended.exit_code == 2
    assert "cannot be read as tensors" in ended.output
