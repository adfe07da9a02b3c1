# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the cache may put in its place and delete, and what is an operator's."""

from pathlib import Path

import pytest
from argosy_worker.pulling.cache import Cache
from argosy_worker.pulling.source import PullFailed, Source

SOURCE = Source("pvc://demo/m")


def staged(cache: Cache, text: str) -> Path:
    """A complete folder, ready to be kept."""
    folder = cache.staging("m", SOURCE) / "model"
    (folder / "1").mkdir(parents=True)
    (folder / "1/weights").write_text(text)
    return folder


def test_a_link_that_an_operator_made_is_neither_replaced_nor_deleted_nor_written_to(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "repository")
    own = tmp_path / "models/m"
    (own / "1").mkdir(parents=True)
    (own / ".record.json").write_text('{"uri": "", "wanted_sha256": "", "settings": {}, "sha256": ""}')
    folder = staged(cache, "ours")
    (tmp_path / "repository/m").symlink_to(own)
    with pytest.raises(PullFailed, match="a model of its own by that name"):
        cache.keep("m", SOURCE, folder, "")
    with pytest.raises(PullFailed, match="a model of its own by that name"):
        cache.staging("m", SOURCE)
    assert cache.record("m") is None, "its settings would be written into the operator's folder"
    cache.remove("m")
    assert (tmp_path / "repository/m").readlink() == own
    assert (own / "1").is_dir()


def test_a_link_of_an_operator_that_leads_nowhere_is_left_alone(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    (tmp_path / "m").symlink_to(tmp_path / "not mounted yet")
    with pytest.raises(PullFailed, match="a model of its own by that name"):
        cache.staging("m", SOURCE)
    cache.remove("m")
    assert (tmp_path / "m").is_symlink()


def test_a_copy_takes_the_place_of_the_one_before_and_goes(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for text in ("old", "new"):
        cache.keep("m", SOURCE, staged(cache, text), "")
        assert (tmp_path / "m/1/weights").read_text() == text
    cache.remove("m")
    assert [path for path in tmp_path.rglob("*") if "m" in path.relative_to(tmp_path).parts] == []


def test_what_a_worker_that_was_killed_has_left_is_deleted(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.keep("m", SOURCE, staged(cache, "first"), "")
    for number in ("2", "3"):
        (tmp_path / ".pulled/m" / number).mkdir()
    cache.keep("m", SOURCE, staged(cache, "second"), "")
    assert [path.name for path in (tmp_path / ".pulled/m").iterdir()] == ["4"]
    assert (tmp_path / "m/1/weights").read_text() == "second"
