# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A server with all the processes that it starts: told apart by a variable that they inherit."""

import contextlib
import os
import signal
from pathlib import Path

from bench.procs import parse_cpu_seconds

_PROCESSES = Path("/proc")


def pids(token: str) -> list[int]:
    """The processes whose variable PEER_TOKEN has this value."""
    wanted = f"PEER_TOKEN={token}".encode()
    found = []
    for folder in _PROCESSES.iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(OSError):  # it has ended, or is another user's
                if wanted in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
    return found


def cpu_seconds(token: str) -> float:
    """CPU time of all of them, user and system."""
    total = 0.0
    for pid in pids(token):
        with contextlib.suppress(OSError):
            total += parse_cpu_seconds((_PROCESSES / str(pid) / "stat").read_text("utf-8"))
    return total


def end(token: str) -> None:
    """Kills those that are left."""
    for pid in pids(token):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
