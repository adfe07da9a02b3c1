# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""One running process of the fleet: how it is started, watched and stopped."""

import asyncio
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from argosy import child

from argosy_gateway.local.errors import CannotRun
from argosy_gateway.local.logs import last_line
from argosy_gateway.local.plan import ProcessSpec


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended."""

    name: str
    code: int
    """Exit code; the negative number of a signal that killed it."""
    last_line: str
    log: Path
    uptime_s: float

    def __str__(self) -> str:
        how = (
            f"was killed by {signal.Signals(-self.code).name}"
            if self.code < 0
            else f"stopped with exit code {self.code}"
        )
        quoted = f": {self.last_line}" if self.last_line else ""
        return f"{self.name} {how}{quoted} (log: {self.log})"


class Process:
    """A process in a session of its own, so that a terminal's Ctrl-C does not reach it; it dies with this one."""

    def __init__(self, spec: ProcessSpec, process: asyncio.subprocess.Process, log: Path, offset: int) -> None:
        self.spec = spec
        self.pid = process.pid
        self._process = process
        self._log = log
        self._offset = offset
        self._started = time.monotonic()

    @classmethod
    async def start(cls, spec: ProcessSpec, logs: Path) -> "Process":
        """Starts it; its output is appended to its file in ``logs``.

        Raises:
            CannotRun: the system refuses.
        """
        log = logs / spec.log_name
        wrapper = (sys.executable, "-I", "-S", child.__file__, str(os.getpid()))
        try:
            with log.open("ab") as output:
                offset = output.tell()
                process = await asyncio.create_subprocess_exec(
                    *wrapper,
                    *spec.command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
        except OSError as error:
            raise CannotRun(f"cannot start {spec.name}: {error}") from None
        return cls(spec, process, log, offset)

    async def wait(self) -> Exit:
        """Waits for its end."""
        code = await self._process.wait()
        uptime_s = time.monotonic() - self._started
        return Exit(self.spec.name, code, last_line(self._log, self._offset), self._log, uptime_s)

    async def stop(self, grace_s: float) -> None:
        """Asks it to stop (SIGTERM) and kills it (SIGKILL) where it has not within ``grace_s`` seconds."""
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), grace_s)
        except TimeoutError:
            self.kill()
            await self._process.wait()

    def kill(self) -> None:
        """Kills it at once, with whatever it has started."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process.returncode is None:
            try:
                os.killpg(self.pid, number)
            except ProcessLookupError:
                return  # it ended a moment ago
