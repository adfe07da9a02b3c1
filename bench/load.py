# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The load generator: a closed loop of calls in flight, every reply's status and payload checked."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import grpc

#: Longest time that the calls still in flight get once a run is over.
DRAIN_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Load:
    """How hard to ask."""

    connections: int = 8
    calls_per_connection: int = 8
    seconds: float = 2.0

    @property
    def in_flight(self) -> int:
        """Calls in flight at any time."""
        return self.connections * self.calls_per_connection


@dataclass(slots=True)
class Outcome:
    """What a run of the load came to."""

    seconds: float = 0.0
    right: int = 0
    """Calls with status OK and the right payload."""
    wrong: Counter[str] = field(default_factory=Counter)
    """All others, by status or by what was wrong."""

    @property
    def calls(self) -> int:
        """Calls that ended, well or not."""
        return self.right + self.wrong.total()


class Caller:
    """Connections to one server, for one method. Messages are raw bytes, so that asking costs little."""

    def __init__(
        self,
        channels: Sequence[Any],
        path: str,
        request: bytes,
        check: Callable[[bytes], None],
        metadata: tuple[tuple[str, str], ...],
    ) -> None:
        self._calls = [channel.unary_unary(path) for channel in channels]
        self._request = request
        self._check = check
        self._metadata = metadata

    async def once(self) -> dict[str, Any]:
        """Makes one call; returns its trailers.

        Raises:
            grpc.aio.AioRpcError: the status is not OK.
            Exception: the payload is wrong, as ``check`` says.
        """
        call = self._calls[0](self._request, metadata=self._metadata, wait_for_ready=True, timeout=DRAIN_TIMEOUT_S)
        self._check(await call)
        return dict(await call.trailing_metadata())

    async def drive(self, load: Load) -> Outcome:
        """Keeps calls in flight for a time, then waits for the last ones; each call that ended is counted."""
        outcome = Outcome()
        started = time.monotonic()
        async with asyncio.timeout(load.seconds + DRAIN_TIMEOUT_S):
            await asyncio.gather(
                *(
                    self._loop(call, started + load.seconds, outcome)
                    for call in self._calls[: load.connections]
                    for _ in range(load.calls_per_connection)
                )
            )
        outcome.seconds = time.monotonic() - started
        return outcome

    async def _loop(self, call: Any, until: float, outcome: Outcome) -> None:
        while time.monotonic() < until:
            try:
                self._check(await call(self._request, metadata=self._metadata))
                outcome.right += 1
            except grpc.aio.AioRpcError as error:
                outcome.wrong[error.code().name] += 1
            except Exception as error:  # whatever is wrong with a reply is a wrong reply
                outcome.wrong[f"OK, but {error}"] += 1


async def connect(stack: AsyncExitStack, address: str, connections: int) -> list[Any]:
    """Opens connections that share nothing; ``stack`` closes them."""
    options = (("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0))
    return [
        await stack.enter_async_context(grpc.aio.insecure_channel(address, options=options)) for _ in range(connections)
    ]
