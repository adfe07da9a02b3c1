# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Keeps the processes of a fleet running, and leaves none behind."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType

from argosy_gateway.local.backoff import Backoff
from argosy_gateway.local.errors import CannotRun
from argosy_gateway.local.plan import ProcessSpec
from argosy_gateway.local.process import Process


class Supervisor:
    """Runs processes until it is left as a context manager.

    Until :meth:`settle` is called a process that ends makes :meth:`failure` raise; from then on it is started again,
    with growing delays.

    Args:
        logs: Folder of the log files; it exists.
        report: Told of each restart, one line for people.
        grace_s: How long a process may take to stop before it is killed, in seconds.
        backoff: Makes the restart delays of one process.
    """

    def __init__(
        self,
        logs: Path,
        report: Callable[[str], None],
        *,
        grace_s: float = 10.0,
        backoff: Callable[[], Backoff] = Backoff,
    ) -> None:
        self._logs = logs
        self._report = report
        self._grace_s = grace_s
        self._backoff = backoff
        self._running: dict[str, Process] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._settled = False

    async def __aenter__(self) -> "Supervisor":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def start(self, specs: Iterable[ProcessSpec]) -> None:
        """Starts processes, all at once, and keeps them running from here on."""
        for spec in specs:
            process = self._running[spec.name] = await Process.start(spec, self._logs)
            keeper = asyncio.create_task(self._keep(process), name=spec.name)
            keeper.add_done_callback(self._keeper_done)
            self._keepers.append(keeper)

    def settle(self) -> None:
        """From now on processes that end are started again."""
        self._settled = True

    async def failure(self) -> None:
        """Waits until a process ends before :meth:`settle`, or one cannot be started again; never returns.

        Raises:
            CannotRun: one has ended, or cannot be started again; says which, how, and its last line.
        """
        await asyncio.shield(self._failure)

    def pid(self, name: str) -> int:
        """Returns the process id of a running process."""
        return self._running[name].pid

    def kill(self) -> None:
        """Kills everything at once, for an impatient second Ctrl-C."""
        for process in self._running.values():
            process.kill()

    async def _keep(self, process: Process) -> None:
        backoff = self._backoff()
        while True:
            ended = await process.wait()
            del self._running[process.spec.name]
            if not self._settled:
                raise CannotRun(str(ended))
            delay_s = backoff.after(ended.uptime_s)
            self._report(f"{ended}; starting it again in {delay_s:g} s")
            await asyncio.sleep(delay_s)
            process = self._running[process.spec.name] = await Process.start(process.spec, self._logs)

    def _keeper_done(self, keeper: asyncio.Task[None]) -> None:
        error = None if keeper.cancelled() else keeper.exception()
        if error is not None and not self._failure.done():
            self._failure.set_exception(error)
            self._failure.exception()  # seen, whether or not somebody waits in failure()

    async def _stop(self) -> None:
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        await asyncio.gather(*(process.stop(self._grace_s) for process in self._running.values()))
