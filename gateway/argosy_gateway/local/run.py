# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The whole of ``argosy up``: start, wait, call, stay, stop."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any

from rich.console import Console

from argosy_gateway.local.display import Display, banner, starting
from argosy_gateway.local.fleet import Prepared, start
from argosy_gateway.local.supervisor import Supervisor

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

#: Makes one real call to each domain and shows them; whether all answers equal the expected.
Demo = Callable[[str, Console], bool]


class Interruptible:
    """Runs a coroutine that the first Ctrl-C (SIGINT, SIGTERM, SIGHUP) cancels; the second calls ``hurry``."""

    def __init__(self) -> None:
        self.hurry: Callable[[], None] = lambda: None
        self._signalled = False

    async def run(self, work: Coroutine[Any, Any, bool]) -> bool:
        """Returns what ``work`` returns; True where a signal stopped it, which is how a fleet is meant to end."""
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(work)
        # nohup ignores SIGHUP so that the fleet outlives its terminal; that is kept.
        numbers = [n for n in STOP_SIGNALS if n != signal.SIGHUP or signal.getsignal(n) != signal.SIG_IGN]
        for number in numbers:
            loop.add_signal_handler(number, self._on_signal, task)
        try:
            return await task
        except asyncio.CancelledError:
            if not self._signalled:
                raise
            return True
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)

    def _on_signal(self, task: "asyncio.Task[bool]") -> None:
        if self._signalled:
            self.hurry()
        else:
            self._signalled = True
            task.cancel()


async def run(prepared: Prepared, console: Console, demo: Demo, *, stay: bool) -> bool:
    """Runs a fleet until a signal stops it, or, unless ``stay``, until the demo is done.

    Returns whether the demo's answers were the expected ones; True where a signal stopped it.

    Raises:
        CannotRun: a process ended, or a model failed, before all models were READY. Nothing is left running.
    """
    interruptible = Interruptible()
    return await interruptible.run(_run(prepared, console, demo, stay, interruptible))


async def _run(prepared: Prepared, console: Console, demo: Demo, stay: bool, interruptible: Interruptible) -> bool:
    display, address = Display(console), prepared.options.gateway_address
    display.say(starting(prepared))
    async with Supervisor(prepared.options.logs, display.say) as supervisor:
        interruptible.hurry = supervisor.kill
        try:
            with display.loading():
                await start(prepared, supervisor, display.changed)
            correct = await asyncio.to_thread(demo, address, console)
            if stay:
                display.say(banner(prepared))
                await supervisor.failure()
        except asyncio.CancelledError:
            display.say("Stopping.")
            raise
    return correct
