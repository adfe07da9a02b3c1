# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How many processors a worker thinks that it may use, and how its threads share them."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from argosy_worker import cpus


@pytest.fixture(autouse=True)
def eight_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))


def groups(folder: Path, text: str) -> Path:
    path = folder / "cgroup"
    path.write_text(text)
    return path


def quota(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(f"{text}\n")


def test_without_control_groups_the_affinity_counts(tmp_path: Path) -> None:
    assert cpus.available(tmp_path / "missing", tmp_path) == 8


@pytest.mark.parametrize(("text", "expected"), [("200000 100000", 2), ("150000 100000", 2), ("5000 100000", 1)])
def test_a_quota_counts_rounded_up(tmp_path: Path, text: str, expected: int) -> None:
    quota(tmp_path / "mount/pod", cpu__max=text)
    assert cpus.available(groups(tmp_path, "0::/pod\n"), tmp_path / "mount") == expected


def test_a_group_without_a_quota_leaves_the_affinity(tmp_path: Path) -> None:
    quota(tmp_path / "mount/pod", cpu__max="max 100000")
    assert cpus.available(groups(tmp_path, "0::/pod\n"), tmp_path / "mount") == 8


def test_the_smallest_quota_of_all_groups_above_counts(tmp_path: Path) -> None:
    quota(tmp_path / "mount", cpu__max="700000 100000")
    quota(tmp_path / "mount/pod", cpu__max="300000 100000")
    quota(tmp_path / "mount/pod/container", cpu__max="500000 100000")
    assert cpus.available(groups(tmp_path, "0::/pod/container\n"), tmp_path / "mount") == 3


def test_in_a_container_that_does_not_see_its_own_path_the_mount_counts(tmp_path: Path) -> None:
    quota(tmp_path / "mount", cpu__max="400000 100000")
    assert cpus.available(groups(tmp_path, "0::/kubepods/pod1/abc\n"), tmp_path / "mount") == 4


def test_the_first_version_of_control_groups_counts_too(tmp_path: Path) -> None:
    quota(tmp_path / "mount/cpu,cpuacct/pod", cpu__cfs_quota_us="250000", cpu__cfs_period_us="100000")
    quota(tmp_path / "mount/memory/pod", cpu__cfs_quota_us="100000", cpu__cfs_period_us="100000")
    text = "5:memory:/pod\n4:cpu,cpuacct:/pod\n0::/\n"
    assert cpus.available(groups(tmp_path, text), tmp_path / "mount") == 3
    quota(tmp_path / "mount/cpu,cpuacct/pod", cpu__cfs_quota_us="-1")
    assert cpus.available(groups(tmp_path, text), tmp_path / "mount") == 8


@pytest.mark.skipif(sys.platform != "linux", reason="the policies are Linux's")
def test_a_thread_that_waits_for_a_device_goes_first_where_the_others_take_turns() -> None:
    def policies() -> tuple[int, int, int]:
        cpus.take_turns()
        usual = os.sched_getscheduler(0)
        cpus.go_first()
        return usual, os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, 0)

    before = os.getpriority(os.PRIO_PROCESS, 0)
    with ThreadPoolExecutor(1) as pool:  # policies are a thread's own
        assert pool.submit(policies).result() == (os.SCHED_BATCH, os.SCHED_OTHER, before)
