# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Models from web servers and object stores, through the real library: interrupted, changed, refused."""

import io
import os
import tarfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import obstore
import pytest
from argosy_worker.cli.cluster import publish
from argosy_worker.pulling import download
from argosy_worker.pulling.cache import Cache
from argosy_worker.pulling.claim import Claims
from argosy_worker.pulling.fetcher import Fetcher
from argosy_worker.pulling.source import Progress, PullFailed, Source
from argosy_worker.pulling.stores import ObjectFolder
from argosy_worker.repository.digest import digest
from obstore.store import HTTPStore, S3Store

from tests.integration.worker.files_server import Files, serve
from tests.support.s3 import s3_server

GRAPH = os.urandom(300_000)
IMPATIENT = {
    "max_retries": 1,
    "backoff": {"init_backoff": timedelta(milliseconds=1), "max_backoff": timedelta(milliseconds=5), "base": 2},
    "retry_timeout": timedelta(seconds=5),
}


def unencrypted(base: str) -> ObjectFolder:
    """A web server on this machine, which has no certificate."""
    plain = base.replace("https://", "http://")
    options = {"allow_http": True}
    return ObjectFolder(HTTPStore.from_url(plain, client_options=options, retry_config=IMPATIENT))  # type: ignore[arg-type]


def fetcher(folder: Path) -> Fetcher:
    """A fetcher into folder/repository."""
    (folder / "repository").mkdir(exist_ok=True)
    return Fetcher(Cache(folder / "repository"), Claims(folder), web=unencrypted)


def archive(**files: bytes) -> bytes:
    """A .tar.gz of a model, folders in names written as __."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"digits/{name.replace('__', '/')}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Iterator[Files]:
    """A server with a graph and an archive, read by small ranges."""
    monkeypatch.setattr(download, "RANGE_BYTES", 50_000)
    held = {"graph.onnx": GRAPH, "models/digits.tar.gz": archive(**{"1__model": b"x", "labels": b"a"})}
    with serve(Files(held)) as served:
        yield served


def source(files: Files, path: str = "graph.onnx", sha256: str = "") -> Source:
    return Source(files.url(path), sha256 or files.sha256(path))


def test_a_graph_from_a_web_server_becomes_version_1(tmp_path: Path, files: Files) -> None:
    progress = Progress()
    fetcher(tmp_path).pull("m", source(files), progress)
    assert (tmp_path / "repository/m/1/model.onnx").read_bytes() == GRAPH
    assert (progress.done_bytes, progress.total_bytes) == (len(GRAPH), len(GRAPH))


def test_an_archive_is_unpacked(tmp_path: Path, files: Files) -> None:
    fetcher(tmp_path).pull("m", source(files, "models/digits.tar.gz"), Progress())
    assert (tmp_path / "repository/m/1/model").read_bytes() == b"x"
    assert (tmp_path / "repository/m/labels").read_bytes() == b"a"


def test_an_interrupted_download_goes_on_in_another_process(tmp_path: Path, files: Files) -> None:
    files.breaks_off = 100
    with pytest.raises(PullFailed):
        fetcher(tmp_path).pull("m", source(files), Progress())
    files.breaks_off = 0

    class LosesItsServer(ObjectFolder):
        """Reads three ranges."""

        reads = 0

        def read(self, file: download.Remote, start: int, end: int) -> bytes:
            self.reads += 1
            if self.reads > 3:
                raise PullFailed("the connection was lost")
            return super().read(file, start, end)

    lost = Fetcher(
        Cache(tmp_path / "repository"), Claims(tmp_path), web=lambda base: LosesItsServer(unencrypted(base)._store)
    )
    with pytest.raises(PullFailed, match="connection was lost"):
        lost.pull("m", source(files), Progress())
    files.sent_bytes = 0
    fetcher(tmp_path).pull("m", source(files), Progress())
    assert files.sent_bytes == len(GRAPH) - 150_000, "the first three ranges were kept"
    assert (tmp_path / "repository/m/1/model.onnx").read_bytes() == GRAPH


def test_a_server_that_stumbles_is_asked_again(tmp_path: Path, files: Files) -> None:
    files.refuses = 1
    fetcher(tmp_path).pull("m", source(files), Progress())
    assert (tmp_path / "repository/m/1/model.onnx").read_bytes() == GRAPH


def test_a_server_without_ranges_sends_small_files_whole_and_others_are_refused(tmp_path: Path, files: Files) -> None:
    files.ranges = False
    fetcher(tmp_path).pull("m", source(files, "models/digits.tar.gz"), Progress())
    with pytest.raises(PullFailed):
        fetcher(tmp_path).pull("n", source(files), Progress())


def test_a_file_that_hashes_to_something_else_is_forgotten(tmp_path: Path, files: Files) -> None:
    with pytest.raises(PullFailed, match="wanted " + "0" * 64):
        fetcher(tmp_path).pull("m", source(files, sha256="0" * 64), Progress())
    assert not (tmp_path / "repository/.pulling/m").exists()
    assert not (tmp_path / "repository/m").exists()


def test_what_the_server_does_not_have_is_said(tmp_path: Path, files: Files) -> None:
    with pytest.raises(PullFailed, match="not found"):
        fetcher(tmp_path).pull("m", Source(files.url("other.onnx"), "0" * 64), Progress())


def test_nothing_listens(tmp_path: Path, files: Files) -> None:
    with pytest.raises(PullFailed):
        fetcher(tmp_path).pull("m", Source("https://127.0.0.1:1/other.onnx", "0" * 64), Progress())


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    """A server that speaks S3 with the bucket "models"; the variables of who may use it."""
    with s3_server("models") as variables:
        yield variables


@pytest.fixture
def bucket(s3: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> S3Store:
    """The bucket, with the environment of a worker that may read it."""
    for name, value in s3.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(download, "RANGE_BYTES", 100_000)
    return S3Store("models")


def test_a_folder_of_an_s3_bucket_is_copied_by_ranges_without_what_is_hidden(tmp_path: Path, bucket: S3Store) -> None:
    contents = {"model.yaml": b"description: ours\n", "1/model.onnx": GRAPH, "1/.tmp": b"no", "golden/a.json": b"{}"}
    for name, content in contents.items():
        obstore.put(bucket, f"team/digits/{name}", content)
    obstore.put(bucket, "team/digits2/model.yaml", b"not ours")
    progress = Progress()
    wanted = Source("s3://models/team/digits")
    fetcher(tmp_path).pull("m", wanted, progress)
    folder = tmp_path / "repository/m"
    copied = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert [name for name in copied if not name.startswith(".")] == ["1/model.onnx", "golden/a.json", "model.yaml"]
    assert (folder / "1/model.onnx").read_bytes() == GRAPH
    assert progress.done_bytes == progress.total_bytes == len(GRAPH) + 20
    fetcher(tmp_path).pull("n", Source(wanted.uri, digest(folder)), Progress())
    with pytest.raises(PullFailed, match="wanted"):
        fetcher(tmp_path).pull("o", Source(wanted.uri, "0" * 64), Progress())


def test_an_empty_prefix_and_a_missing_bucket_are_said(tmp_path: Path, bucket: S3Store) -> None:
    with pytest.raises(PullFailed, match="there are no files"):
        fetcher(tmp_path).pull("m", Source("s3://models/nowhere"), Progress())
    with pytest.raises(PullFailed):
        fetcher(tmp_path).pull("m", Source("s3://no-such-bucket/x"), Progress())


def test_what_is_uploaded_is_what_is_copied(tmp_path: Path, bucket: S3Store) -> None:
    del bucket
    folder = tmp_path / "digits"
    (folder / "1").mkdir(parents=True)
    (folder / "1/model.onnx").write_bytes(GRAPH)
    (folder / "model.yaml").write_text("description: ours\n")
    (folder / ".git").write_text("not ours")
    found = publish(folder, "vision", "s3://models/uploaded/")
    source = found["spec"]["source"]
    assert source == {"uri": f"s3://models/uploaded/digits/{digest(folder)[:12]}", "sha256": digest(folder)}
    fetcher(tmp_path).pull("m", Source(source["uri"], source["sha256"]), Progress())
    assert digest(tmp_path / "repository/m") == digest(folder)
