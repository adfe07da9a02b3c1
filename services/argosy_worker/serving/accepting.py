# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Accepting calls: a gRPC server that asks its core for many calls ahead, and finds their handlers at once.

grpc.aio asks for one call, waits until the core's polling thread has handed it over, and asks for the next: every call
costs a trip from thread to thread, and calls that arrive together are heard one after the other. Asked for ahead, they
come together. To find a call's handler it makes a dozen objects that refer to each other in a circle, for the garbage
collector to find; a look into a table does as well (docs/decisions/0048).

Both change what gRPC keeps to itself, and only where it is as we know it.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextvars import Context
from typing import Any

import grpc
from grpc._cython import cygrpc

#: Calls asked for at any time.
AHEAD = 128
#: A server that is to stop goes on accepting until no call has come for this long, in seconds ...
QUIET_S = 0.02
#: ... or until so much time is over.
SETTLE_S = 0.2

_FIND = "_find_method_handler"


class _Next(asyncio.Future[Any]):
    """The next call. Where it has come already, whoever waits for it goes on at once, not in the loop's next turn."""

    def add_done_callback(self, callback: Callable[["_Next"], object], *, context: Context | None = None) -> None:
        if self.done():
            callback(self)
        else:
            super().add_done_callback(callback, context=context)


class _AheadServer(cygrpc.AioServer):  # type: ignore[misc]
    """What :class:`grpc.aio.Server` is a façade of. Its main loop takes one future call after the other from us."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *arguments: Any, **named: Any) -> None:
        super().__init__(loop, *arguments, **named)
        self._running_on = loop
        self._asked = 0
        self._come: deque[asyncio.Future[Any]] = deque()
        self._wanted: _Next | None = None
        self._heard = 0.0
        """When a call came last; monotonic, in seconds."""

    def _make_request_call_future(self, registered: bytes | None) -> "asyncio.Future[Any]":
        """Returns the next call, or what there is instead, once it has come."""
        if registered is not None:
            future: asyncio.Future[Any] = super()._make_request_call_future(registered)
            return future
        wanted = self._wanted = _Next(loop=self._running_on)
        self._hand_over()
        while self._asked + len(self._come) < AHEAD:
            self._asked += 1
            super()._make_request_call_future(None).add_done_callback(self._came)
        return wanted

    def _came(self, call: "asyncio.Future[Any]") -> None:
        self._asked -= 1
        self._heard = time.monotonic()
        if not call.cancelled():
            call.exception()  # looked at, so that nobody complains where the server stops and no longer wants it
        self._come.append(call)
        self._hand_over()

    def _hand_over(self) -> None:
        if self._wanted is None or not self._come:
            return
        wanted, self._wanted = self._wanted, None
        call = self._come.popleft()
        if wanted.done():
            return
        if call.cancelled():
            wanted.cancel()
        elif (error := call.exception()) is not None:
            wanted.set_exception(error)
        else:
            wanted.set_result(call.result())

    async def settle(self) -> None:
        """Accepts what has come by now: a server that stops cancels calls that it has not accepted."""
        give_up = time.monotonic() + SETTLE_S
        self._heard = time.monotonic()
        while True:
            now = time.monotonic()
            if now >= give_up or (now >= self._heard + QUIET_S and not self._come):
                return
            await asyncio.sleep(QUIET_S / 4)


def make(options: list[tuple[str, Any]]) -> Any:
    """Makes a server; one that asks for calls one by one where gRPC has no such place to change that.

    Args:
        options: gRPC's channel arguments.
    """
    if not hasattr(cygrpc.AioServer, "_make_request_call_future"):
        return grpc.aio.server(options=options)
    usual, cygrpc.AioServer = cygrpc.AioServer, _AheadServer  # grpc.aio names no class that could be given instead
    try:
        return grpc.aio.server(options=options)
    finally:
        cygrpc.AioServer = usual


def find_at_once(handlers: Mapping[str, Any]) -> None:
    """Has the calls of this process's servers find their handlers, by path, without more ado. Others go gRPC's way."""
    usual = getattr(cygrpc, _FIND, None)
    if usual is None:
        return

    async def find(path: Any, *others: Any) -> Any:
        handler = handlers.get(path)
        return await usual(path, *others) if handler is None else handler

    setattr(cygrpc, _FIND, find)


async def stop(server: Any, grace_s: float | None) -> None:
    """Stops a server: calls in progress get a grace period, in seconds."""
    settle = getattr(server._server, "settle", None)
    if settle is not None:
        await settle()
    await server.stop(grace_s)
