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
import contextlib
from collections import deque
from collections.abc import Callable, Mapping
from contextvars import Context
from typing import Any

import grpc
from grpc._cython import cygrpc

#: Calls asked for at any time.
AHEAD = 128
#: Time for gRPC to give back what was asked for, in seconds, where a server is to stop.
LEAVE_S = 1.0

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
        self._emptied = asyncio.Event()
        self._ending: asyncio.Task[None] | None = None
        """The end of the core's server, once it takes no more calls."""

    def _make_request_call_future(self, registered: bytes | None) -> "asyncio.Future[Any]":
        """Returns the next call, or what there is instead, once it has come."""
        if registered is not None:
            future: asyncio.Future[Any] = super()._make_request_call_future(registered)
            return future
        wanted = self._wanted = _Next(loop=self._running_on)
        self._hand_over()
        while self._ending is None and self._asked + len(self._come) < AHEAD:
            self._asked += 1
            super()._make_request_call_future(None).add_done_callback(self._came)
        return wanted

    def _came(self, call: "asyncio.Future[Any]") -> None:
        self._asked -= 1
        if not call.cancelled():
            call.exception()  # looked at, so that nobody complains where the server stops and no longer wants it
        if self._ending is None or not (call.cancelled() or call.exception()):
            self._come.append(call)
        self._hand_over()

    def _hand_over(self) -> None:
        if self._wanted is None:
            return
        if not self._come:
            if self._ending is not None and not self._asked:
                self._emptied.set()
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

    async def leave(self) -> None:
        """Takes no more calls, tells every peer so, and accepts all those that the core has taken by then.

        gRPC stops listening to its core as it stops, and would leave such calls to be cancelled.
        """
        if self._asked:
            self._ending = self._running_on.create_task(super()._start_shutting_down())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._emptied.wait(), LEAVE_S)

    async def _start_shutting_down(self) -> None:
        if self._ending is None:
            await super()._start_shutting_down()
            return
        if self._wanted is not None and not self._wanted.done():
            self._wanted.set_exception(cygrpc._RequestCallError())  # the main loop waits for nothing else: it ends
        await self._ending


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


def find_at_once(handlers: Mapping[str, Any], table: type | None = None) -> None:
    """Has the calls of this process's servers find their handlers, by path, without more ado. Others go gRPC's way.

    Where the process has several servers, ``table`` is the class of the generic handler that only those with these
    handlers have: the others must not find them.
    """
    usual = getattr(cygrpc, _FIND, None)
    if usual is None:
        return

    async def find(path: Any, *others: Any) -> Any:
        handler = handlers.get(path)
        if handler is None or not (table is None or _has(table, others)):
            return await usual(path, *others)
        return handler

    setattr(cygrpc, _FIND, find)


def _has(table: type, arguments: tuple[Any, ...]) -> bool:
    """Whether the generic handlers among what gRPC says of a server hold one of this class."""
    for argument in arguments:
        if type(argument) is list:
            for handler in argument:
                if type(handler) is table:
                    return True
    return False


async def stop(server: Any, grace_s: float | None) -> None:
    """Stops a server: calls in progress get a grace period, in seconds."""
    leave = getattr(server._server, "leave", None)
    if leave is not None:
        await leave()
    await server.stop(grace_s)
