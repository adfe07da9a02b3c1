# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Downloads that are interrupted and go on."""

from pathlib import Path

import pytest
from argosy_worker.pulling import download as downloads
from argosy_worker.pulling.download import Changed, Remote, download
from argosy_worker.pulling.source import Progress, PullFailed


class Source:
    """Files in memory, and what was read of them; fails as told."""

    def __init__(self, **contents: bytes) -> None:
        self.contents = contents
        self.read_bytes = 0
        self.reads_left = 1000
        self.error: Exception = PullFailed("the connection was lost")

    def files(self, mark: str = "v1") -> list[Remote]:
        return [Remote(name, len(content), mark) for name, content in self.contents.items()]

    def read(self, file: Remote, start: int, end: int) -> bytes:
        if not self.reads_left:
            raise self.error
        self.reads_left -= 1
        self.read_bytes += end - start
        return self.contents[file.path][start:end]


@pytest.fixture(autouse=True)
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "RANGE_BYTES", 10)


def fetch(source: Source, folder: Path, mark: str = "v1") -> Progress:
    (folder / "files").mkdir(exist_ok=True)
    download(source, source.files(mark), folder / "files", progress := Progress())
    return progress


def test_an_interrupted_download_goes_on_where_it_ended(tmp_path: Path) -> None:
    source = Source(a=b"0123456789" * 5, b=b"x" * 15)
    source.reads_left = 3
    with pytest.raises(PullFailed, match="connection was lost"):
        fetch(source, tmp_path)
    source.reads_left = 1000
    progress = fetch(source, tmp_path)
    assert source.read_bytes == 65, "nothing was read twice"
    assert (progress.done_bytes, progress.total_bytes) == (65, 65)
    assert (tmp_path / "files/a").read_bytes() == b"0123456789" * 5
    assert (tmp_path / "files/b").read_bytes() == b"x" * 15


@pytest.mark.parametrize("mark", ["v2", ""])
def test_what_is_left_of_another_file_is_not_used(tmp_path: Path, mark: str) -> None:
    source = Source(a=b"0" * 50)
    source.reads_left = 2
    with pytest.raises(PullFailed):
        fetch(source, tmp_path, "v1" if mark else "")
    source.reads_left = 1000
    source.contents["a"] = b"1" * 50
    fetch(source, tmp_path, mark)
    assert (tmp_path / "files/a").read_bytes() == b"1" * 50


def test_files_that_the_source_has_no_more_go(tmp_path: Path) -> None:
    source = Source(a=b"0", b=b"1")
    fetch(source, tmp_path)
    del source.contents["b"]
    fetch(source, tmp_path)
    assert [path.name for path in (tmp_path / "files").iterdir()] == ["a"]


def test_a_file_that_changes_meanwhile_is_begun_anew(tmp_path: Path) -> None:
    source = Source(a=b"0" * 50)
    source.reads_left, source.error = 2, Changed()
    with pytest.raises(PullFailed, match="changed while"):
        fetch(source, tmp_path)
    assert not (tmp_path / "files/a").exists()


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    fetch(Source(a=b""), tmp_path)
    assert (tmp_path / "files/a").read_bytes() == b""


def test_a_path_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PullFailed, match="no path below"):
        fetch(Source(**{"../evil": b"x"}), tmp_path)
