# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Server processes."""

import os
import sys
from pathlib import Path

import pytest

from bench import procs
from bench.procs import ServerFailed, parse_cpu_seconds

SAYS = "import json, time; print(json.dumps({'message': 'serving', 'port': 7}), flush=True); time.sleep(60)"


def test_cpu_time_is_read_behind_any_process_name() -> None:
    ticks = os.sysconf("SC_CLK_TCK")
    fields = ["S", *["0"] * 10, str(2 * ticks), str(ticks), str(ticks), "0", *["9"] * 30]
    assert parse_cpu_seconds(f"1 (a name) 5 6) {' '.join(fields)}") == 4.0


def test_a_server_runs_on_its_core_until_left(tmp_path: Path) -> None:
    core, _ = procs.cores()
    before = os.sched_getaffinity(0)
    with procs.running("a server", (sys.executable, "-c", SAYS), tmp_path, core) as server:
        assert server.wait_for("serving")["port"] == 7
        assert os.sched_getaffinity(server.pid) == {core}
        assert server.cpu_seconds() >= 0
    assert os.sched_getaffinity(0) == before
    with pytest.raises(ServerFailed, match="a server ended"):
        server.cpu_seconds()


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    with (
        procs.running(
            "a server", (sys.executable, "-c", "raise SystemExit('no such model')"), tmp_path, procs.cores()[0]
        ) as server,
        pytest.raises(ServerFailed, match="no such model"),
    ):
        server.wait_for("serving")
