# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy up`` refuses what cannot work in one line, before anything is started."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import typer
import yaml
from argosy_gateway.cli.up import up
from argosy_gateway.local.fleet import prepare
from argosy_gateway.local.options import Options
from typer.testing import CliRunner

from tools.free_fleet import free_ports, write_document

app = typer.Typer()
app.command()(up)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "models" / "vision"
    (folder / "digits" / "1").mkdir(parents=True)
    (folder / "digits" / "1" / "model.onnx").write_bytes(b"graph")
    return folder


@pytest.fixture
def options(tmp_path: Path, repository: Path) -> Options:
    return write_document(tmp_path / "fleet", {"vision": repository})


def test_a_fleet_that_can_run_is_planned_with_all_its_processes_and_models(options: Options) -> None:
    prepared = prepare(options)
    assert [spec.name for spec in prepared.specs] == ["control plane", "standby", "envoy", "worker vision"]
    assert prepared.models == ("digits",)
    assert str(options.port) in prepared.bootstrap


def refused(options: Options, *more: str) -> str:
    result = CliRunner().invoke(app, ["--fleet", str(options.fleet), "--port", str(options.port), *more])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_a_missing_graph_is_refused(options: Options, repository: Path) -> None:
    (repository / "digits" / "1" / "model.onnx").unlink()
    assert "digits/1/model.onnx is missing" in refused(options)


def test_a_name_to_listen_on_is_refused(options: Options) -> None:
    assert "--bind must be an IP address" in refused(options, "--bind", "localhost")


def test_an_unknown_domain_is_refused_with_file_and_line(options: Options) -> None:
    document = yaml.safe_load(options.fleet.read_text())
    document["workers"][0]["domain"] = "smell"
    options.fleet.write_text(yaml.safe_dump(document))
    assert f"{options.fleet}:" in refused(options)


def with_program(options: Options, port: int) -> Options:
    document = yaml.safe_load(options.fleet.read_text())
    program = {"name": "shop", "address": f"127.0.0.1:{port}", "command": ["python", "serve.py"]}
    options.fleet.write_text(yaml.safe_dump(document | {"programs": [program]}))
    return replace(options, programs=True)


def test_programs_of_the_document_run_only_where_they_are_asked_for(options: Options) -> None:
    (port,) = free_ports(1)
    asked = with_program(options, port)
    assert [spec.name for spec in prepare(asked).programs] == ["shop"]
    assert prepare(replace(asked, programs=False)).programs == ()


def test_a_port_of_a_program_that_the_fleet_wants_too_is_refused(options: Options) -> None:
    asked = with_program(options, options.port)
    assert "is wanted by envoy and by shop" in refused(asked, "--programs")


def test_two_programs_of_one_name_are_refused(options: Options) -> None:
    document = yaml.safe_load(options.fleet.read_text())
    program = {"name": "shop", "address": "127.0.0.1:8090", "command": ["python"]}
    options.fleet.write_text(json.dumps(document | {"programs": [program, program]}))
    assert "two programs have the same name" in refused(options)
