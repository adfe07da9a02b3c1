# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Who uses a loaded version: calls in progress keep it in memory, and the last one says how long it has been idle."""

import asyncio
import time


class Usage:
    """Counts the users of one loaded version. Lives on one event loop."""

    __slots__ = ("_idle", "_users", "last")

    def __init__(self) -> None:
        self._users = 0
        self._idle: asyncio.Event | None = None
        self.last = time.monotonic()
        """When a call last began or ended; monotonic, in seconds."""

    @property
    def busy(self) -> bool:
        """Whether anybody uses it."""
        return self._users > 0

    def enter(self) -> None:
        """A call begins."""
        self._users += 1
        self.last = time.monotonic()

    def leave(self) -> None:
        """A call ends."""
        self.last = time.monotonic()
        self.release()

    def hold(self) -> None:
        """Somebody who is no caller, and does not make it recently used, begins to use it."""
        self._users += 1

    def release(self) -> None:
        """Somebody who is no caller has finished."""
        self._users -= 1
        if not self._users and self._idle is not None:
            self._idle.set()

    async def idle(self, patience_s: float) -> None:
        """Waits until nobody uses it, at most ``patience_s`` seconds."""
        if not self._users:
            return
        self._idle = self._idle or asyncio.Event()
        try:
            async with asyncio.timeout(patience_s):
                while self._users:
                    self._idle.clear()
                    await self._idle.wait()
        except TimeoutError:
            return
