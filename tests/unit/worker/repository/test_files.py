# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a model consists of, and when that has stopped changing."""

import os
import time
from pathlib import Path

from argosy_worker.repository.files import Settling, look


def model(tmp_path: Path) -> Path:
    folder = tmp_path / "m"
    (folder / "1/data").mkdir(parents=True)
    (folder / "1/model.onnx").write_text("graph")
    (folder / "1/data/weights").write_text("weights")
    (folder / "golden").mkdir()
    (folder / "golden/a.json").write_text("{}")
    (folder / "model.yaml").write_text("")
    return folder


def test_each_version_has_its_own_files_and_shares_the_others(tmp_path: Path) -> None:
    folder = model(tmp_path)
    before = look(folder)
    assert sorted(name for name, *_ in before.of(1).own) == ["1/data/weights", "1/model.onnx"]
    assert sorted(name for name, *_ in before.of(1).shared) == ["golden/a.json", "model.yaml"]
    (folder / "2").mkdir()
    (folder / "2/model.onnx").write_text("graph")
    assert look(folder).of(1) == before.of(1), "a new version changes nothing for the others"
    (folder / "1/data/weights").write_text("other weights")
    assert look(folder).of(1) != before.of(1)


def test_a_file_of_the_same_size_and_time_in_the_place_of_another_is_a_change(tmp_path: Path) -> None:
    folder = model(tmp_path)
    before, path = look(folder), folder / "1/model.onnx"
    new = path.with_name("new")
    new.write_text("GRAPH")
    os.utime(new, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    new.replace(path)
    assert look(folder) != before


def test_hidden_files_do_not_count(tmp_path: Path) -> None:
    folder = model(tmp_path)
    before = look(folder)
    (folder / "1/.model.onnx.part").write_text("half")
    (folder / ".git").mkdir()
    (folder / ".git/x").write_text("")
    assert look(folder) == before


def test_files_settle_once_they_stay_the_same_for_long_enough(tmp_path: Path) -> None:
    folder = model(tmp_path)
    settling = Settling(5.0)
    first = look(folder)
    assert not settling.settled("m", first, 100.0), "written a moment ago"
    assert not settling.settled("m", first, 104.0)
    (folder / "1/data/weights").write_text("more")
    assert not settling.settled("m", look(folder), 106.0)
    assert not settling.settled("m", look(folder), 110.0)
    assert settling.settled("m", look(folder), 111.0)
    assert not settling.settled("m", None, 112.0), "a model that is gone has to stay gone as well"
    assert settling.settled("m", None, 117.0)


def test_what_is_old_when_first_seen_is_settled_at_once(tmp_path: Path) -> None:
    folder = model(tmp_path)
    files = look(folder)
    while time.time() - files.changed < 0.05:
        time.sleep(0.01)
    assert Settling(0.05).settled("m", files, 100.0)


def test_files_that_may_change_while_a_version_serves_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "1").mkdir()
    for name in ("1/model.onnx", "model.yaml", "items.csv"):
        (tmp_path / name).write_text(name)
    before = look(tmp_path).of(1, ["items.csv"])
    assert [name for name, *_ in before.live] == ["items.csv"]
    assert [name for name, *_ in before.shared] == ["model.yaml"]
    (tmp_path / "items.csv").write_text("another catalogue")
    after = look(tmp_path).of(1, ["items.csv"])
    assert after != before
    assert after.same_but_live(before)
    (tmp_path / "model.yaml").write_text("description: other")
    assert not look(tmp_path).of(1, ["items.csv"]).same_but_live(after)
