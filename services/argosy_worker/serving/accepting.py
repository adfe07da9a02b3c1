# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Accepting calls: a gRPC server that asks its core for many calls ahead, and finds their handlers at once.

grpc.aio asks for one call, waits until the core's polling thread has handed it over, and asks for the next: every call
costs a trip from thread to thread, and calls that arrive together are heard one after the other. Asked for ahead, they
come together. To find a call's handler it makes a dozen objects that refer to each other in a circle, for the garbage
collector to find; a look into a table does as well (docs/decisions/0048).

Where several tenants call, gRPC is handed a few calls in each turn of the event loop, one of each tenant after the
other: a small call takes more of the processor than of anything else, and whoever sends few of them would wait for it
behind all of those who send many (docs/decisions/0073).

All this changes what gRPC keeps to itself, and only where it is as we know it.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Mapping
from contextvars import Context
from typing import Any

import grpc
from grpc._cython import cygrpc

from argosy_worker.context import tenant_of
from argosy_worker.serving.turns import Lines, Tenants

#: Calls asked for at any time.
AHEAD = 128
#: Calls that have come and wait for their turn, at most: what comes beyond them waits with the core, in its order.
HEARD_MOST = 1024
#: Calls that gRPC is handed in one turn of the event loop. What they do next waits for what others do: the fewer, the
#: sooner it is the turn of whoever has come meanwhile, and the more turns there are.
PORTION = 2
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
        self.tenants = Tenants()
        self._running_on = loop
        self._asked = 0
        self._come: deque[asyncio.Future[Any]] = deque()
        self._wanted: _Next | None = None
        self._lines: Lines[asyncio.Future[Any]] = Lines()
        """Those of them that had to wait, by tenant."""
        self._room = PORTION
        """How many more are handed over in this turn of the event loop."""
        self._asks = True
        """Whether calls are asked for: until the server stops."""
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
        self._ask_ahead()
        return wanted

    @property
    def heard(self) -> int:
        """Calls that have come and that gRPC does not handle yet."""
        return len(self._come) + len(self._lines)

    def _ask_ahead(self) -> None:
        while self._asks and self._asked < AHEAD and self.heard < HEARD_MOST:
            self._asked += 1
            super()._make_request_call_future(None).add_done_callback(self._came)

    def _came(self, call: "asyncio.Future[Any]") -> None:
        self._asked -= 1
        failed = call.cancelled() or call.exception() is not None
        if failed:
            self._asks = False  # the server stops: gRPC crashes where it is asked for more
        if not failed or self._ending is None:
            self._come.append(call)
        self._hand_over()
        self._ask_ahead()

    def _next_turn(self) -> None:
        self._room = PORTION
        self._hand_over()

    def _hand_over(self) -> None:
        if self._wanted is None:
            return
        if not self.heard:
            if self._ending is not None and not self._asked:
                self._emptied.set()
            return
        in_turn = self.tenants.several
        if in_turn:
            if not self._room:
                return
            if self._room == PORTION:
                self._running_on.call_soon(self._next_turn)
            self._room -= 1
        wanted, self._wanted = self._wanted, None
        call = self._next(in_turn)
        if wanted.done():
            return
        if call.cancelled():
            wanted.cancel()
        elif (error := call.exception()) is not None:
            wanted.set_exception(error)
        else:
            wanted.set_result(call.result())

    def _next(self, in_turn: bool) -> "asyncio.Future[Any]":
        """Takes the next call. Whose it is, is only looked at where some have to wait."""
        if not self._lines and (not in_turn or len(self._come) <= self._room + 1):
            return self._come.popleft()
        while self._come:
            call = self._come.popleft()
            self._lines.push(self._tenant(call), call)
        return self._lines.pop()

    def _tenant(self, call: "asyncio.Future[Any]") -> str:
        if call.cancelled() or call.exception() is not None:
            return ""
        context = cygrpc._ServicerContext(call.result(), None, None, self._running_on)
        return tenant_of(context.invocation_metadata())

    async def leave(self) -> None:
        """Takes no more calls, tells every peer so, and accepts all those that the core has taken by then.

        gRPC stops listening to its core as it stops, and would leave such calls to be cancelled.
        """
        self._asks = False
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


def find_at_once(server: Any, handlers: Mapping[str, Any], table: type | None = None) -> None:
    """Has the calls of this process's servers find their handlers, by path, without more ado. Others go gRPC's way.

    It is where a call's metadata are at hand anyway, so that the server takes note here of whose calls it handles.

    Where the process has several servers, ``table`` is the class of the generic handler that only ``server`` has, which
    these handlers are of: the others must not find them.
    """
    usual = getattr(cygrpc, _FIND, None)
    if usual is None:
        return
    tenants = getattr(server._server, "tenants", None) or Tenants()

    async def find(path: Any, metadata: Any, *others: Any) -> Any:
        handler = handlers.get(path)
        if handler is None or not (table is None or _has(table, others)):
            return await usual(path, metadata, *others)
        tenants.note(tenant_of(metadata))
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
