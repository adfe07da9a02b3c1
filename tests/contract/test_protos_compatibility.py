# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The protos keep to the committed baseline, and a break does not go unnoticed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUF = Path(sys.executable).with_name("buf")
ONLY_PROTOS = shutil.ignore_patterns("*.py", "*.pyi", "__pycache__")


def breaks(folder: Path, work: Path) -> str:
    image = work / "protos.binpb"
    subprocess.run([BUF, "build", "--output", image], cwd=folder, check=True)
    command = [BUF, "breaking", image, "--exclude-imports", "--against", ROOT / "protos" / "baseline.binpb"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    shutil.copytree(ROOT / "protos", folder / "protos", ignore=ONLY_PROTOS)
    shutil.copy(ROOT / "buf.yaml", folder)
    for example in (ROOT / "examples").glob("*/*/v1"):
        shutil.copytree(example, folder / example.relative_to(ROOT), ignore=ONLY_PROTOS)
    return folder


def test_the_protos_are_compatible_with_the_baseline(tmp_path: Path) -> None:
    assert breaks(ROOT, tmp_path) == ""


def test_a_renamed_field_is_a_break(copy: Path, tmp_path: Path) -> None:
    proto = copy / "protos" / "argosy" / "vision" / "v1" / "vision.proto"
    proto.write_text(proto.read_text().replace("int32 top_k = 4;", "int32 most_labels = 4;"))
    assert "top_k" in breaks(copy, tmp_path)


def test_a_new_field_is_no_break(copy: Path, tmp_path: Path) -> None:
    proto = copy / "protos" / "argosy" / "vision" / "v1" / "vision.proto"
    proto.write_text(proto.read_text().replace("int32 top_k = 4;", "int32 top_k = 4;\n  // More.\n  int32 more = 99;"))
    assert breaks(copy, tmp_path) == ""


def test_the_generated_code_is_up_to_date() -> None:
    command = [sys.executable, ROOT / "protos" / "generate.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
