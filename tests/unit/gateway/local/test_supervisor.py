# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from argosy_gateway.local.backoff import Backoff
from argosy_gateway.local.errors import CannotRun
from argosy_gateway.local.plan import ProcessSpec
from argosy_gateway.local.supervisor import Supervisor

STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("stubborn", flush=True)
time.sleep(600)
"""


def python(name: str, program: str, *arguments: str) -> ProcessSpec:
    return ProcessSpec(name, (sys.executable, "-c", program, *arguments))


def sleeper(name: str) -> ProcessSpec:
    return python(name, "import time; print('up', flush=True); time.sleep(600)")


def quick() -> Backoff:
    return Backoff(first_s=0.01, most_s=0.02)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def ignore(line: str) -> None:
    del line


async def test_leaving_stops_every_process(tmp_path: Path) -> None:
    async with Supervisor(tmp_path, ignore) as supervisor:
        await supervisor.start([sleeper("a"), sleeper("b")])
        pids = [supervisor.pid("a"), supervisor.pid("b")]
        assert all(map(alive, pids))
    assert not any(map(alive, pids))


async def test_a_process_that_ignores_sigterm_is_killed_after_the_grace_time(tmp_path: Path) -> None:
    async with Supervisor(tmp_path, ignore, grace_s=0.2) as supervisor:
        await supervisor.start([python("a", STUBBORN)])
        pid = supervisor.pid("a")
        await until(lambda: "stubborn" in (tmp_path / "a.log").read_text())
    assert not alive(pid)


async def test_kill_does_not_wait_for_the_grace_time(tmp_path: Path) -> None:
    async with Supervisor(tmp_path, ignore, grace_s=600) as supervisor:
        await supervisor.start([python("a", STUBBORN)])
        await until(lambda: "stubborn" in (tmp_path / "a.log").read_text())
        supervisor.kill()


async def test_an_end_before_ready_fails_with_exit_code_last_line_and_log(tmp_path: Path) -> None:
    async with Supervisor(tmp_path, ignore) as supervisor:
        await supervisor.start([sleeper("a"), python("worker nlp", "print('no such model'); raise SystemExit(3)")])
        with pytest.raises(CannotRun, match="worker nlp stopped with exit code 3: no such model") as failed:
            await supervisor.failure()
        assert str(tmp_path / "worker-nlp.log") in str(failed.value)


async def test_a_program_that_does_not_exist_fails_with_its_name(tmp_path: Path) -> None:
    async with Supervisor(tmp_path, ignore) as supervisor:
        await supervisor.start([ProcessSpec("envoy", (str(tmp_path / "absent"),))])
        with pytest.raises(CannotRun, match=r"cannot run .*absent: No such file"):
            await supervisor.failure()


async def test_a_killed_process_is_started_again_and_said_so(tmp_path: Path) -> None:
    said: list[str] = []
    async with Supervisor(tmp_path, said.append, backoff=quick) as supervisor:
        await supervisor.start([sleeper("worker nlp")])
        supervisor.settle()
        log = tmp_path / "worker-nlp.log"
        await until(lambda: "up" in log.read_text())
        first = supervisor.pid("worker nlp")
        os.kill(first, signal.SIGKILL)
        await until(lambda: log.read_text().count("up") == 2)
        assert supervisor.pid("worker nlp") != first
    assert len(said) == 1
    assert said[0].startswith("worker nlp was killed by SIGKILL: up (log: ")
    assert said[0].endswith("starting it again in 0.01 s")


async def test_a_process_that_keeps_ending_is_started_again_with_growing_delays(tmp_path: Path) -> None:
    said: list[str] = []
    backoff = Backoff(first_s=0.01, most_s=0.04)
    async with Supervisor(tmp_path, said.append, backoff=lambda: backoff) as supervisor:
        await supervisor.start([python("a", "raise SystemExit(1)")])
        supervisor.settle()
        await until(lambda: len(said) >= 4)
    assert [line.rpartition(" in ")[2] for line in said[:4]] == ["0.01 s", "0.02 s", "0.04 s", "0.04 s"]


async def test_leaving_while_a_restart_is_due_leaves_nothing_running(tmp_path: Path) -> None:
    said: list[str] = []
    async with Supervisor(tmp_path, said.append, backoff=lambda: Backoff(first_s=600)) as supervisor:
        await supervisor.start([python("a", "raise SystemExit(1)")])
        supervisor.settle()
        await until(lambda: bool(said))


async def test_a_process_that_cannot_be_started_again_is_a_failure(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()

    def lose_the_folder(line: str) -> None:
        for log in logs.iterdir():
            log.unlink()
        logs.rmdir()

    async with Supervisor(logs, lose_the_folder, backoff=quick) as supervisor:
        await supervisor.start([python("a", "raise SystemExit(1)")])
        supervisor.settle()
        with pytest.raises(CannotRun, match="cannot start a"):
            await supervisor.failure()


async def test_each_process_has_a_session_of_its_own(tmp_path: Path) -> None:
    async with Supervisor(tmp_path, ignore) as supervisor:
        await supervisor.start([sleeper("a")])
        pid = supervisor.pid("a")
        assert os.getsid(pid) == pid
