# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Server processes: started on chosen cores, asked for their CPU time, and stopped for certain."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from argosy import child

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
_POLL_S = 0.02
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class ServerFailed(Exception):
    """A server did not start, or ended; the text ends with the last lines of its log."""


class Server:
    """One running process; it dies with this one."""

    def __init__(self, name: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.name = name
        self.pid = process.pid
        self._process = process
        self._log = log

    def wait_for(self, message: str, times: int = 1) -> dict[str, Any]:
        """Waits until its log has had so many JSON lines with this message, and returns that line.

        Raises:
            ServerFailed: the process ended, or took too long.
        """
        give_up = time.monotonic() + START_TIMEOUT_S
        while (found := _line(self._log, message, times)) is None:
            self._check_alive()
            if time.monotonic() > give_up:
                raise ServerFailed(f"{self.name} did not log {message!r} in {START_TIMEOUT_S:g} s: {self.log_tail()}")
            time.sleep(_POLL_S)
        return found

    def cpu_seconds(self) -> float:
        """CPU time that it has used, user and system, of all its threads and of the children it waited for.

        Raises:
            ServerFailed: the process ended.
        """
        self._check_alive()
        return parse_cpu_seconds(Path(f"/proc/{self.pid}/stat").read_text("utf-8"))

    def memory_bytes(self) -> int:
        """Memory that it holds now."""
        self._check_alive()
        return int(Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def stop(self) -> None:
        """Stops it, by force where it does not go."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _check_alive(self) -> None:
        if self._process.poll() is not None:
            raise ServerFailed(f"{self.name} ended with {self._process.returncode}: {self.log_tail()}")

    def log_tail(self) -> str:
        """The last lines that it logged."""
        lines = self._log.read_text("utf-8", "replace").strip().splitlines()
        return " | ".join(lines[-3:]) or "it logged nothing"


@contextmanager
def running(
    name: str, command: Sequence[str], folder: Path, core: int | None, *, yields: bool = False
) -> Iterator[Server]:
    """Runs a command on one core, or on any where none is given; its output goes to a file in ``folder``.

    One that ``yields`` runs only while nobody else wants its core (SCHED_IDLE): what comes meanwhile comes together.
    """
    log = folder / f"{name.replace(' ', '-')}.log"
    wrapper = (sys.executable, "-I", "-S", child.__file__, str(os.getpid()))
    with log.open("wb") as output, on_core(core):
        process = subprocess.Popen(
            [*wrapper, *command], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    server = Server(name, process, log)
    if yields:
        os.sched_setscheduler(process.pid, os.SCHED_IDLE, os.sched_param(0))
    try:
        yield server
    finally:
        server.stop()


def cores() -> tuple[int, int]:
    """The core for servers and the core for the load generator; the same one where there is but one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


def parse_cpu_seconds(stat: str) -> float:
    """Reads user and system time, with those of children waited for, from the text of ``/proc/PID/stat``."""
    fields = stat.rpartition(")")[2].split()  # the name before it may hold anything
    return sum(map(int, fields[11:15])) / _TICKS_PER_S


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """Keeps this thread on one core, if one is given; what is started meanwhile inherits that."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, before if core is None else {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _line(log: Path, message: str, times: int) -> dict[str, Any] | None:
    for line in log.read_text("utf-8", "replace").splitlines():
        if line.startswith("{") and line.endswith("}"):
            entry: dict[str, Any] = json.loads(line)
            times -= entry.get("message") == message
            if times == 0:
                return entry
    return None
