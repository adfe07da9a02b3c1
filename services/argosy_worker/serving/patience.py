# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls that wait for a model that is being loaded, since they cannot go elsewhere any more.

A loading worker asks callers to try another one. The gateway knows which worker refused; gRPC's own retry may come back
to it, and makes no third attempt.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from argosy_worker.errors import DeadlineExpired, NotReady
from argosy_worker.lifecycle.state import StateBoard

T = TypeVar("T")

#: Longest wait of a call without a deadline, in seconds.
_LONGEST_S = 30.0


class Patience:
    """Serves calls once the worker's state allows it.

    Args:
        board: Tells of each change of state.
        most: Calls that may wait at a time; each keeps its message.
    """

    def __init__(self, board: StateBoard, most: int = 256) -> None:
        self._board = board
        self._most = most
        self._waiting = 0

    async def serve(self, serve: Callable[[], Awaitable[T]], refused: NotReady, deadline: float | None) -> T:
        """Serves a call that was refused, after the change of state that lets it be served.

        Args:
            serve: Tries to.
            refused: Why it was refused.
            deadline: When the call ends, on the monotonic clock, in seconds; None where it has no deadline.

        Raises:
            NotReady: it cannot be served here, or too many wait.
            DeadlineExpired: the deadline passed first.
            ArgosyError: what ``serve`` raises.
        """
        if self._waiting >= self._most:
            raise refused
        self._waiting += 1
        try:
            return await self._serve(serve, refused, deadline)
        finally:
            self._waiting -= 1

    async def _serve(self, serve: Callable[[], Awaitable[T]], refused: NotReady, deadline: float | None) -> T:
        end = time.monotonic() + _LONGEST_S if deadline is None else deadline
        async with contextlib.aclosing(self._board.watch()) as changes:
            while refused.retry_elsewhere and not self._board.snapshot.draining:
                try:
                    await asyncio.wait_for(anext(changes), end - time.monotonic())
                except StopAsyncIteration:
                    break
                except TimeoutError:
                    if deadline is None:
                        break
                    raise DeadlineExpired("the deadline passed while the model was being loaded") from refused
                try:
                    return await serve()
                except NotReady as again:
                    refused = again
        raise refused
