# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a version's files hash to."""

import subprocess
from pathlib import Path

from argosy_worker.repository.digest import digest


def test_a_version_hashes_to_what_sha256sum_says(tmp_path: Path) -> None:
    for name in ("model.onnx", "model.onnx.data", "B"):
        (tmp_path / name).write_bytes(name.encode() * 1000)
    command = "LC_ALL=C; export LC_ALL; sha256sum * | sha256sum"
    expected = subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True, capture_output=True, text=True)  # noqa: S607
    assert digest(tmp_path) == expected.stdout.split()[0]


def test_every_file_but_hidden_ones_counts(tmp_path: Path) -> None:
    assert digest(tmp_path) == ""
    (tmp_path / "model.onnx").write_bytes(b"weights")
    first = digest(tmp_path)
    (tmp_path / ".hidden").write_bytes(b"x")
    assert digest(tmp_path) == first
    (tmp_path / "data").mkdir()
    (tmp_path / "data/more").write_bytes(b"x")
    assert digest(tmp_path) != first
