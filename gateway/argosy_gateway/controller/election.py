# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Takes part in the election of the active controller, as long as this one could do the work."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from kubernetes.leaderelection import electionconfig, leaderelection

from argosy_gateway.controller.lease import MOST, CountedLock, Times
from argosy_gateway.latest import Latest

_log = logging.getLogger(__name__)

#: Time between two signs of life of the event loop, in seconds.
_BEAT_S = 0.5


class _Election(leaderelection.LeaderElection):  # type: ignore[misc]
    """The client's election, which tells of the epoch with each renewal, and in which only who can act takes part."""

    def __init__(self, config: Any, may_hold: Callable[[], bool], tell: Callable[[int], None]) -> None:
        super().__init__(config)
        self._may_hold = may_hold
        self._tell = tell

    def try_acquire_or_renew(self) -> bool:
        """Takes or renews the Lease, if that can be."""
        held = self._may_hold() and bool(super().try_acquire_or_renew())
        if held:
            self._tell(self.election_config.lock.epoch)
        return held


class Leadership:
    """Takes part in the election, in a thread of its own, as long as the event loop turns that does the work.

    ``epoch`` is 0 while another holds the Lease, or nobody. It grows during a term where that was asked for.
    """

    def __init__(self, lock: CountedLock, times: Times) -> None:
        self._lock = lock
        self._times = times
        self.epoch: Latest[int] = Latest(0)
        self.held = 0
        """The epoch as the election has it, which the event loop may not have heard of yet. Any thread may ask."""
        self._turned = time.monotonic()
        self._hangs = False
        self._turning: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins. Call it on the event loop that follows the epoch."""
        loop = asyncio.get_running_loop()
        self._turned = time.monotonic()
        self._turning = asyncio.create_task(self._turn())
        threading.Thread(target=self._take_part, args=(loop,), name="lease", daemon=True).start()

    async def stop(self) -> None:
        """Gives the Lease back, if it is held, and takes it no more."""
        if self._turning is not None:
            self._turning.cancel()
        self._lock.renounce()
        if self.held:
            await asyncio.to_thread(self._lock.give_back)

    def raise_above(self, epoch: int) -> None:
        """Has the Lease held under a higher epoch than this one, which others know, from its next renewal on."""
        if epoch <= MOST:
            self._lock.least = max(self._lock.least, epoch + 1)
        else:
            _log.error("no epoch is put above one so high", extra={"epoch": epoch})

    async def _turn(self) -> None:
        while True:
            self._turned = time.monotonic()
            await asyncio.sleep(_BEAT_S)

    def _may_hold(self) -> bool:
        """Whether the event loop has turned lately: who holds the Lease and does nothing keeps others from working."""
        hangs = time.monotonic() - self._turned > self._times.duration_s
        if hangs and not self._hangs:
            _log.error("the event loop hangs: the lease is not renewed", extra={"seconds": self._times.duration_s})
        self._hangs = hangs
        return not hangs

    def _take_part(self, loop: asyncio.AbstractEventLoop) -> None:
        def tell(epoch: int) -> None:
            if epoch != self.held:
                self.held = epoch
                with contextlib.suppress(RuntimeError):  # the loop has ended
                    loop.call_soon_threadsafe(self.epoch.set, epoch)

        config = electionconfig.Config(
            self._lock,
            lease_duration=self._times.duration_s,
            renew_deadline=self._times.renew_deadline_s,
            retry_period=self._times.retry_s,
            onstarted_leading=lambda: None,  # called in another thread, at any time
            onstopped_leading=lambda: tell(0),
        )
        while not loop.is_closed():
            try:
                _Election(config, self._may_hold, tell).run()
            except Exception:  # whatever it is, who does not renew the Lease must not go on as its holder
                _log.exception("election broken off")
                tell(0)
                time.sleep(self._times.retry_s)
