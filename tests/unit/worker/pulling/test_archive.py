# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""One file that holds a model."""

import io
import random
import tarfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Literal
from unittest import mock

import pytest
from argosy_worker.pulling.archive import unpack
from argosy_worker.pulling.source import Progress, PullFailed


def archive(path: Path, files: Mapping[str, bytes], *others: tarfile.TarInfo) -> Path:
    """Writes an archive of these files and other members."""
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for other in others:
            tar.addfile(other)
    return path


def unpacked(path: Path, folder: Path, name: str = "model.tar.gz") -> set[str]:
    into = folder / "into"
    into.mkdir()
    unpack(path, name, into, Progress())
    return {found.relative_to(into).as_posix() for found in into.rglob("*") if found.is_file()}


@pytest.mark.parametrize("prefix", ["", "./", "digits/", "./digits/"])
def test_a_folder_around_the_model_makes_no_difference(tmp_path: Path, prefix: str) -> None:
    files = {f"{prefix}1/model.onnx": b"graph", f"{prefix}model.yaml": b"", f"{prefix}.git": b""}
    assert unpacked(archive(tmp_path / "a", files), tmp_path) == {"1/model.onnx", "model.yaml"}


def test_a_graph_alone_becomes_version_1(tmp_path: Path) -> None:
    (tmp_path / "graph").write_bytes(b"graph")
    assert unpacked(tmp_path / "graph", tmp_path, "resnet.onnx") == {"1/model.onnx"}


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "1/../../evil"])
def test_a_member_that_leaves_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PullFailed):
        unpacked(archive(tmp_path / "a", {"1/model.onnx": b"", name: b"x"}), tmp_path)
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    member = tarfile.TarInfo("1/model.onnx")
    member.type, member.linkname = kind, "/etc/passwd"
    with pytest.raises(PullFailed, match=r"neither a file nor a folder|cannot be unpacked"):
        unpacked(archive(tmp_path / "a", {}, member), tmp_path)


def test_a_member_larger_than_the_disk_is_refused_before_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: mock.Mock(free=999))
    member = tarfile.TarInfo("1/model.onnx")  # of which the archive holds nothing but its size
    member.pax_headers = {"GNU.sparse.map": "0,0", "GNU.sparse.size": "1000"}
    with pytest.raises(PullFailed, match="has 1000 bytes, and there is room for 999"):
        unpacked(archive(tmp_path / "a", {}, member), tmp_path)
    assert not (tmp_path / "into" / "1").exists()


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "page").write_text("<html>")
    with pytest.raises(PullFailed, match="cannot be unpacked"):
        unpacked(tmp_path / "page", tmp_path)
    with pytest.raises(PullFailed, match="expected a"):
        unpack(tmp_path / "page", "model.zip", tmp_path, Progress())


def garbled(path: Path, mode: Literal["w:gz", "w:xz"]) -> Path:
    """Writes an archive of which the second half is none."""
    content = bytes(random.Random(0).choices(b"abcdefgh", k=2_000_000))
    member = tarfile.TarInfo("1/model.onnx")
    member.size = len(content)
    with tarfile.open(path, mode) as tar:
        tar.addfile(member, io.BytesIO(content))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + random.Random(0).randbytes(len(whole) // 2))
    return path


def nameless(path: Path) -> Path:
    """Writes an archive with a member whose name no file can have."""
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(tarfile.TarInfo("1/model\0.onnx" + "x" * 100))
    return path


@pytest.mark.parametrize("broken", [partial(garbled, mode="w:gz"), partial(garbled, mode="w:xz"), nameless])
def test_an_archive_that_is_broken_is_refused(tmp_path: Path, broken: Callable[[Path], Path]) -> None:
    with pytest.raises(PullFailed, match="cannot be unpacked"):
        unpacked(broken(tmp_path / "a"), tmp_path)
