# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy up`` as a whole, with stand-ins for its processes, as a process that signals are sent to."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

STAND_IN = Path(__file__).with_name("fleet_stand_in.py")

PROGRAM = """
import asyncio, sys
from pathlib import Path
from rich.console import Console
from argosy_gateway.local.errors import CannotRun
from argosy_gateway.local.fleet import Prepared
from argosy_gateway.local.options import Options
from argosy_gateway.local.plan import ProcessSpec
from argosy_gateway.local.run import run

port, mode, stand_in, *states = sys.argv[1:]
options = Options(port=int(port), run_folder=Path("run"))
gateway = ProcessSpec("gateway", (sys.executable, stand_in, port, *states))
worker = ProcessSpec("worker", (sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"))
names = tuple(state.split("=")[0] for state in states)
prepared = Prepared(options, (gateway, worker), "{}", (), names)

def demo(address, console):
    console.print("calls", address)
    return mode != "wrong"

try:
    print("correct", asyncio.run(run(prepared, Console(), demo, stay=mode == "stay")))
except CannotRun as error:
    raise SystemExit(f"argosy up: {error}")
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _heed_hangups() -> None:
    """Under nohup every process ignores SIGHUP, which the fleet respects."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@contextmanager
def started(folder: Path, mode: str, *states: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", PROGRAM, str(free_port()), mode, str(STAND_IN), *states]
    pipe = subprocess.PIPE
    environment = {**os.environ, "GRPC_VERBOSITY": "NONE"}  # as the command argosy sets it
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True, preexec_fn=_heed_hangups
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def said(errors: str) -> str:
    """What the program said, without what gRPC's core tells of itself.

    As it ends it now and then waits on a file that it has closed already, and says so whatever its verbosity is.
    """
    lines = errors.splitlines(keepends=True)
    return "".join(line for line in lines if not re.match(r"E\d{4} .*\.cc:\d+\] \(event_engine\) Epoll1Poller", line))


def wait_until_up(process: subprocess.Popen[str]) -> list[int]:
    assert process.stdout is not None
    for line in process.stdout:
        if "Argosy is up" in line:
            return children(process.pid)
    raise AssertionError(process.stderr.read() if process.stderr else "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_every_process_and_exits_0(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path, "stay", "digits=READY") as process:
        pids = wait_until_up(process)
        assert len(pids) == 2
        process.send_signal(number)
        output, _ = process.communicate(timeout=30)
        assert process.returncode == 0
        assert "Stopping." in output
        assert not any(map(alive, pids))


def test_a_signal_while_models_load_stops_every_process_and_exits_0(tmp_path: Path) -> None:
    with started(tmp_path, "stay", "digits=LOADING") as process:
        until(lambda: len(children(process.pid)) == 2)
        pids = children(process.pid)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 0
        assert not any(map(alive, pids))


def test_nothing_survives_a_killed_supervisor(tmp_path: Path) -> None:
    with started(tmp_path, "stay", "digits=READY") as process:
        pids = wait_until_up(process)
        process.kill()
        until(lambda: not any(map(alive, pids)))


def test_a_dead_process_is_started_again(tmp_path: Path) -> None:
    with started(tmp_path, "stay", "digits=READY") as process:
        pids = wait_until_up(process)
        os.kill(pids[1], signal.SIGKILL)
        assert process.stdout is not None
        line = next(line for line in process.stdout if line.startswith("worker "))
        assert "worker was killed by SIGKILL: up" in line
        until(lambda: len(children(process.pid)) == 2)


def test_a_failed_model_stops_everything_and_exits_1_with_one_line(tmp_path: Path) -> None:
    with started(tmp_path, "stay", "digits=READY", "shapes=FAILED") as process:
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 1
        assert said(errors).startswith("argosy up: model shapes of vision failed")
        assert said(errors).count("\n") == 1


@pytest.mark.parametrize(("mode", "correct"), [("demo", True), ("wrong", False)])
def test_a_demo_ends_by_itself_and_tells_whether_it_was_correct(tmp_path: Path, mode: str, correct: bool) -> None:
    with started(tmp_path, mode, "digits=READY") as process:
        output, errors = process.communicate(timeout=30)
        assert (process.returncode, said(errors)) == (0, "")
        assert f"correct {correct}" in output
        assert "1 of 1 models ready" in output
