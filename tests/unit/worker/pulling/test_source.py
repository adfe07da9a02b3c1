# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a source may say."""

import pytest
from argosy_worker.pulling.source import Location, PullFailed, Source, is_hidden, is_safe, locate

SHA256 = "0" * 64


@pytest.mark.parametrize(
    ("uri", "location"),
    [
        ("pvc://demo-models/vision/digits", Location("pvc", "demo-models", "vision/digits")),
        ("s3://bucket", Location("s3", "bucket", "")),
        ("gs://bucket/a/b/", Location("gs", "bucket", "a/b")),
        ("az://container/a", Location("az", "container", "a")),
        ("https://host:8443/a/model.tar.gz", Location("https", "host:8443", "a/model.tar.gz")),
    ],
)
def test_a_uri_names_a_place_and_a_path(uri: str, location: Location) -> None:
    assert locate(Source(uri, SHA256)) == location


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "digits",
        "ftp://host/x",
        "http://host/model.onnx",
        "file:///etc",
        "pvc:///vision",
        "pvc://claim/../other",
        "pvc://../etc",
        "pvc://claim/a/./b",
        "https://user@host/model.onnx",
        "https://host/model.onnx?token=secret",
        "s3://bucket/a b",
    ],
)
def test_what_a_worker_must_not_read_is_refused(uri: str) -> None:
    with pytest.raises(PullFailed):
        locate(Source(uri, SHA256))


def test_a_hash_that_is_none_and_a_web_page_without_one_are_refused() -> None:
    with pytest.raises(PullFailed, match="64 hexadecimal"):
        locate(Source("s3://bucket/a", "abc"))
    with pytest.raises(PullFailed, match="needs its sha256"):
        locate(Source("https://host/model.onnx"))


@pytest.mark.parametrize("path", ["../a", "a/../b", "/a", "a//b", "a/./b", "", "a\\b"])
def test_a_path_that_leaves_the_folder_is_not_safe(path: str) -> None:
    assert not is_safe(path)


def test_files_below_hidden_folders_are_hidden() -> None:
    assert is_safe("1/model.onnx")
    assert (is_hidden("1/.git/config"), is_hidden(".x"), is_hidden("1/model.onnx")) == (True, True, False)
