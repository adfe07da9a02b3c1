# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A worker of its own, on this machine, that nobody else calls: to measure what is not served yet."""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from argosy_client import Argosy

_START_S = 60.0
_STOP_S = 10.0


class TrialFailed(Exception):
    """The worker did not start."""


@contextlib.contextmanager
def trial(domain: str, repository: Path) -> Iterator[Argosy]:
    """Runs a worker on a repository and yields a client of it.

    Raises:
        TrialFailed: it does not serve; says what it said.
    """
    command = [sys.executable, "-m", "argosy_worker", domain, "--repository", str(repository), "--cache-dir", ""]
    command += ["--port", "0", "--metrics-port", "0", "--drain-s", "0", "--repository-poll-s", "0"]
    path = repository / ".log"
    with path.open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        with Argosy(f"127.0.0.1:{_port(process, path)}", timeout_s=30) as client:
            yield client
    finally:
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _port(process: "subprocess.Popen[bytes]", log: Path) -> int:
    end = time.monotonic() + _START_S
    while time.monotonic() < end and process.poll() is None:
        for line in log.read_text("utf-8", "replace").splitlines():
            entry = _entry(line)
            if entry.get("message") == "serving" and isinstance(entry.get("port"), int):
                return int(str(entry["port"]))
        time.sleep(0.05)
    said = log.read_text("utf-8", "replace").strip().splitlines()
    raise TrialFailed(f"a worker to measure with does not start: {said[-1] if said else 'it said nothing'}")


def _entry(line: str) -> dict[str, object]:
    try:
        entry = json.loads(line)
    except ValueError:  # an incomplete line, or one that is not of the log
        return {}
    return entry if isinstance(entry, dict) else {}
