# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Follows the objects of one kind for as long as a program runs, whatever becomes of the API server meanwhile.

All are listed once, then watched. Nothing is said before the first full list; after it what is known stays known: while
the API server is away, and until a list that replaces it as a whole has arrived.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from argosy_gateway.discovery.kubernetes.connection import ApiError, Connection
from argosy_gateway.discovery.kubernetes.objects import Expired, Garbage, Known, Objects

_log = logging.getLogger(__name__)

#: What connects to the API server, such as ``connection.connect``.
Connect = Callable[[], AbstractAsyncContextManager[Connection]]
#: After so many failures in a row objects are listed again: who knows what the API server has been through.
_DISTRUST = 3


@dataclass(frozen=True, slots=True)
class Resource:
    """Objects of one kind in one namespace: ``path`` is where the API server has them, ``selector`` is of labels."""

    path: str
    selector: str = ""
    optional: bool = False
    """Whether an API server that does not know the kind has no such objects; else one waits until it does."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Times, in seconds."""

    watch_s: float = 30.0
    """After so long the API server ends a watch, and the next begins where it ended."""
    grace_s: float = 10.0
    """So much later a connection counts as dead."""
    list_s: float = 30.0
    """Longest time that a list may take."""
    delays_s: tuple[float, ...] = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0)
    """Between attempts, by the number of failures in a row; the last repeats. Each is spread by half."""
    most_s: float = 30.0
    """Longest time for which an API server that wants to be left alone is."""


async def follow(
    connect: Connect, resource: Resource, update: Callable[[Objects], None], pace: Pace | None = None
) -> None:
    """Follows objects until cancelled.

    Args:
        connect: Connects to the API server.
        resource: Which objects.
        update: Told of all objects by name after the first list, and after each change.
        pace: Times; those of ``Pace`` where nothing is said.
    """
    await _Following(connect, resource, update, pace or Pace()).run()


class _Following:
    def __init__(self, connect: Connect, resource: Resource, update: Callable[[Objects], None], pace: Pace) -> None:
        self._connect = connect
        self._resource = resource
        self._update = update
        self._pace = pace
        self._known = Known()
        self._listed = False
        self._failures = 0
        #: What was said of the API server last: the status with which it fails; None where all is well.
        self._said: int | None = None

    async def run(self) -> None:
        while True:
            try:
                async with self._connect() as connection:
                    while True:
                        await self._step(connection)
            except Expired as expired:
                _log.info("listing again", extra={"path": self._resource.path, "reason": str(expired)})
                self._known.version = None
                self._failures += 1  # an API server that always says so is not asked without a pause
                await self._pause()
            except (ApiError, Garbage) as error:
                await self._on_failure(error)

    async def _step(self, connection: Connection) -> None:
        if self._known.version is None:
            await self._list(connection)
        await self._watch(connection)

    async def _list(self, connection: Connection) -> None:
        try:
            listed = await connection.get(self._resource.path, self._parameters(), self._pace.list_s)
        except ApiError as error:
            if error.status == 404 and self._resource.optional and not self._listed:
                self._listed = True
                self._said = error.status
                _log.info("the API server has no such objects", extra={"path": self._resource.path})
                self._update({})
            raise
        self._known.replace(listed)
        self._listed = True
        self._progress()
        self._update(self._known.objects)

    async def _watch(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        # Spread, so that the watches of many programs do not begin anew together.
        seconds = self._pace.watch_s * random.uniform(0.7, 1.0)  # noqa: S311
        parameters = self._parameters() | {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "resourceVersion": self._known.version or "",
            "timeoutSeconds": str(max(1, round(seconds))),
        }
        lines = connection.lines(self._resource.path, parameters, seconds + self._pace.grace_s)
        try:
            async with contextlib.aclosing(lines) as events:
                async for event in events:
                    changed = self._known.apply(event)
                    self._progress()
                    if changed:
                        self._update(self._known.objects)
        except ApiError as error:
            if error.status == 410:
                raise Expired(str(error)) from error
            raise
        if loop.time() - began < min(1.0, seconds / 2):
            raise ApiError("watches end as soon as they begin")
        self._progress()

    def _parameters(self) -> dict[str, str]:
        return {"labelSelector": self._resource.selector} if self._resource.selector else {}

    def _progress(self) -> None:
        self._failures = 0
        if self._said is not None:
            self._said = None
            _log.info("the API server answers again", extra={"path": self._resource.path})

    async def _on_failure(self, error: ApiError | Garbage) -> None:
        """Waits before the next attempt. One failure alone is no news: connections end."""
        self._failures += 1
        status = error.status if isinstance(error, ApiError) else 200
        if self._said != status and (self._failures > 1 or not self._listed):
            self._said = status
            extra = {"path": self._resource.path, "reason": str(error)}
            if self._listed:
                _log.warning("no news from the API server, what it said last stays in force", extra=extra)
            else:
                _log.warning("waiting for the API server", extra=extra)
        if self._failures >= _DISTRUST:
            self._known.version = None
        await self._pause(error.retry_after_s if isinstance(error, ApiError) else 0.0)

    async def _pause(self, least_s: float = 0.0) -> None:
        delays = self._pace.delays_s
        delay = delays[min(self._failures, len(delays)) - 1] * random.uniform(0.5, 1.0)  # noqa: S311
        await asyncio.sleep(max(delay, min(least_s, self._pace.most_s)))
