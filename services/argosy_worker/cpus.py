# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Processors: how many this process may use, and how its threads share them.

The former are not those of the machine where an affinity or a control group says less.
"""

import contextlib
import ctypes
import math
import os
import platform
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

_GROUPS = Path("/proc/self/cgroup")
_MOUNT = Path("/sys/fs/cgroup")
#: Numbers of Linux's system call, for which Python has no function.
_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
#: The shortest slice of time that Linux gives, in nanoseconds.
_SLICE_NS = 100_000


def available(groups: Path = _GROUPS, mount: Path = _MOUNT) -> int:
    """Returns the processors of the affinity, or the quota of the control groups, rounded up, where it is less.

    Args:
        groups: File that names the process's control groups.
        mount: Where control groups are mounted.
    """
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(min([processors, *(math.ceil(quota) for quota in _quotas(groups, mount))]), 1)


def take_turns() -> None:
    """Lets threads that share a processor finish what they do before another that was woken goes on (SCHED_BATCH).

    A call passes from gRPC's polling thread to the event loop and back. Where each interrupts the other for every call,
    both work on one call at a time; where they take turns, on as many as have come (docs/decisions/0048). For threads
    that this one starts from now on, too. Does nothing where the system has no such policy, or does not allow it.
    """
    if hasattr(os, "SCHED_BATCH"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def go_first() -> None:
    """Lets this thread interrupt the others of its processor when it is woken: for one that waits for a device.

    Linux gives those their turn early who ask for short ones (``sched_setattr``, from 6.12 on; the policy alone does
    something before). Does nothing on other systems, or where it is not allowed.
    """
    number = _SCHED_SETATTR.get(platform.machine())
    if sys.platform == "linux" and number is not None:
        nice = os.getpriority(os.PRIO_PROCESS, 0)
        attributes = struct.pack("=IIQiIQQQ", 48, os.SCHED_OTHER, 0, nice, 0, _SLICE_NS, 0, 0)
        ctypes.CDLL(None).syscall(number, 0, attributes, 0)


def _quotas(groups: Path, mount: Path) -> Iterator[float]:
    """The quotas, in processors, of the process's groups and of all above them."""
    try:
        lines = groups.read_text("utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        root = mount / controllers if controllers else mount
        # In a container the path may be the host's, which is not mounted: the mount itself is the group then.
        folder = root / path.lstrip("/")
        for group in (folder, *folder.parents):
            yield from _quota(group)
            if group == root:
                break


def _quota(group: Path) -> Iterator[float]:
    try:
        if (group / "cpu.max").is_file():
            quota, period = (group / "cpu.max").read_text("ascii").split()
        else:
            quota = (group / "cpu.cfs_quota_us").read_text("ascii").strip()
            period = (group / "cpu.cfs_period_us").read_text("ascii").strip()
    except OSError:
        return
    if quota.isdecimal() and int(quota):  # neither "max" nor -1
        yield int(quota) / int(period)
