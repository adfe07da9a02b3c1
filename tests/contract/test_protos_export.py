# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The exported protos are all that a client in another language needs."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from argosy.descriptors import pool_of
from argosy.export import FolderNotEmpty, export
from argosy_client.cli.protos import app
from typer.testing import CliRunner

DOMAINS = ("vision", "speech", "nlp", "recommendation", "tabular")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("protos")
    export(folder)
    return folder


def test_every_service_and_what_decodes_errors_is_in_the_descriptor_set(exported: Path) -> None:
    pool = pool_of((exported / "all.binpb").read_bytes())
    for domain in DOMAINS:
        assert pool.FindServiceByName(f"argosy.{domain}.v1.{domain.capitalize()}Service")
    assert pool.FindServiceByName("argosy.fleet.v1.FleetService")
    assert pool.FindServiceByName("inference.GRPCInferenceService")
    assert pool.FindMessageTypeByName("google.rpc.Status")
    assert pool.FindMessageTypeByName("google.rpc.ErrorInfo")


def test_every_proto_of_the_source_tree_is_exported_unchanged(exported: Path) -> None:
    source = Path(__file__).resolve().parents[2] / "protos" / "argosy"
    names = {path.relative_to(source) for path in source.rglob("*.proto")}
    assert names == {path.relative_to(exported / "argosy") for path in (exported / "argosy").rglob("*.proto")}
    for name in names:
        assert (exported / "argosy" / name).read_bytes() == (source / name).read_bytes()


def test_the_exported_folder_compiles_with_nothing_else_at_hand(exported: Path, tmp_path: Path) -> None:
    files = sorted(str(path.relative_to(exported)) for path in exported.rglob("*.proto"))
    output = f"--descriptor_set_out={tmp_path / 'set.binpb'}"
    command = [sys.executable, "-m", "grpc_tools.protoc", "-I.", "--include_imports", output, *files]
    done = subprocess.run(command, cwd=exported, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_buf_finds_no_fault_with_the_exported_folder(exported: Path) -> None:
    buf = Path(sys.executable).with_name("buf")
    done = subprocess.run([buf, "lint"], cwd=exported, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_folder_that_holds_something_is_written_only_by_force(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(FolderNotEmpty, match="--force"):
        export(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    export(tmp_path, force=True)
    assert (tmp_path / "all.binpb").is_file()
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_the_command_says_how_many_files_it_wrote_and_where(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "protos"
    result = CliRunner().invoke(app, ["export", str(folder)])
    assert result.exit_code == 0
    count = sum(path.is_file() for path in folder.rglob("*"))
    assert result.stdout == f"{count} files in {folder}\n"


def test_the_command_refuses_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for folder, expected in ((tmp_path, "is not empty"), (file, "Not a directory")):
        result = CliRunner().invoke(app, ["export", str(folder)])
        assert result.exit_code == 1
        assert expected in result.stderr
        assert result.stderr.count("\n") == 1


def test_the_export_does_not_depend_on_the_checkout(tmp_path: Path) -> None:
    package = Path(__file__).resolve().parents[2] / "protos" / "argosy"
    shutil.copytree(package, tmp_path / "installed" / "argosy")
    program = "import argosy.export as e, sys, pathlib; e.export(pathlib.Path(sys.argv[1])); print(e.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", program, "out"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(str(tmp_path))
    assert (tmp_path / "out" / "google" / "rpc" / "error_details.proto").is_file()
