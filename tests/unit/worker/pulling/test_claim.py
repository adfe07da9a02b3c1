# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Folders of mounted volumes."""

import os
from pathlib import Path

import pytest
from argosy_worker.pulling import claim
from argosy_worker.pulling.claim import Claims
from argosy_worker.pulling.source import Location, Progress, PullFailed, Stopped


def volume(folder: Path) -> Path:
    """A claim named "demo" with one model; returns the model's folder."""
    model = folder / "claims/demo/vision/digits"
    (model / "1").mkdir(parents=True)
    (model / "1/model.onnx").write_bytes(b"graph")
    (model / "model.yaml").write_text("name: digits\n")
    (model / ".hidden").write_text("no")
    return model


def fetch(folder: Path, path: str = "vision/digits", place: str = "demo", progress: Progress | None = None) -> Path:
    into = folder / "into"
    into.mkdir(exist_ok=True)
    Claims(folder / "claims").fetch(Location("pvc", place, path), into, progress or Progress())
    return into


def test_a_folder_is_copied_without_what_is_hidden(tmp_path: Path) -> None:
    volume(tmp_path)
    progress = Progress()
    into = fetch(tmp_path, progress=progress)
    copied = sorted(path.relative_to(into).as_posix() for path in into.rglob("*") if path.is_file())
    assert copied == ["1/model.onnx", "model.yaml"]
    assert (into / "1/model.onnx").read_bytes() == b"graph"
    assert (progress.done_bytes, progress.total_bytes) == (18, 18)


def test_links_are_followed_inside_the_claim_alone(tmp_path: Path) -> None:
    model = volume(tmp_path)
    (tmp_path / "claims/demo/shared.txt").write_text("labels")
    (model / "labels.txt").symlink_to("../../shared.txt")
    assert (fetch(tmp_path) / "labels.txt").read_text() == "labels"
    (tmp_path / "secret").write_text("secret")
    (model / "leak.txt").symlink_to(tmp_path / "secret")
    with pytest.raises(PullFailed, match=r"leak\.txt.*leads out of the claim"):
        fetch(tmp_path)


def test_a_folder_that_is_a_link_out_of_the_claim_is_refused(tmp_path: Path) -> None:
    volume(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "claims/demo/out").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PullFailed, match="leads out of the claim"):
        fetch(tmp_path, "out")


def test_a_link_that_is_put_in_the_place_of_a_file_meanwhile_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = volume(tmp_path)
    (tmp_path / "secret").write_text("secret")
    opened = os.open

    def swapped(path: Path, flags: int) -> int:
        if Path(path).name == "model.onnx":
            (model / "1/model.onnx").unlink()
            (model / "1/model.onnx").symlink_to(tmp_path / "secret")
        return opened(path, flags)

    monkeypatch.setattr("argosy_worker.pulling.claim.os.open", swapped)
    with pytest.raises(PullFailed, match="leads out of the claim"):
        fetch(tmp_path)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    model = volume(tmp_path)
    with pytest.raises(PullFailed, match="'other' is not mounted"):
        fetch(tmp_path, place="other")
    with pytest.raises(PullFailed, match="has no 'vision/faces'"):
        fetch(tmp_path, "vision/faces")
    with pytest.raises(PullFailed, match="no folder"):
        fetch(tmp_path, "vision/digits/model.yaml")
    os.mkfifo(model / "pipe")
    with pytest.raises(PullFailed, match="neither a file nor a folder"):
        fetch(tmp_path)


def test_links_that_go_round_end(tmp_path: Path) -> None:
    model = volume(tmp_path)
    (model / "again").symlink_to(".")
    with pytest.raises(PullFailed, match="nested more than"):
        fetch(tmp_path)


def test_copying_ends_where_the_files_are_no_longer_wanted(tmp_path: Path) -> None:
    volume(tmp_path)
    progress = Progress()
    progress.stop.set()
    with pytest.raises(Stopped):
        fetch(tmp_path, progress=progress)


def chain(folder: Path, links: int) -> None:
    """Makes folders in the claim of which each has two links to the next: twice as many ways with each."""
    for number in range(links):
        (folder / f"claims/demo/l{number}").mkdir(parents=True)
        for name in "ab":
            (folder / f"claims/demo/l{number}/{name}").symlink_to(f"../l{number + 1}")
    (folder / f"claims/demo/l{links}").mkdir()


def test_links_that_are_ever_more_folders_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim, "MOST_ENTRIES", 1000)
    chain(tmp_path, 12)
    with pytest.raises(PullFailed, match="more than 1000 files and folders"):
        fetch(tmp_path, "l0")
    assert not list((tmp_path / "into").iterdir())


def test_looking_for_files_ends_where_they_are_no_longer_wanted(tmp_path: Path) -> None:
    chain(tmp_path, 12)
    progress = Progress()
    progress.stop.set()
    with pytest.raises(Stopped):
        fetch(tmp_path, "l0", progress=progress)
