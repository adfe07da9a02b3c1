# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Load over HTTP/1.1, for a server that speaks nothing else: JSON in, JSON out, closed or open loop."""

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

#: Connections of an open loop: what cannot be sent at once waits, and its deadline runs meanwhile.
_CONNECTIONS = 256


@dataclass(frozen=True, slots=True)
class HttpAsk:
    """What to ask, and how hard."""

    port: int
    item: Callable[[int], list[float]]
    """The row of the request with this number."""
    check: Callable[[int, list[float]], bool]
    """Whether a row is the answer to it."""
    in_flight: int = 64
    rate: float = 0.0
    """Calls in a second at random times; 0 keeps ``in_flight`` calls going."""
    seconds: float = 1.0
    deadline_s: float = 30.0


@dataclass(slots=True)
class HttpOutcome:
    """What became of the calls."""

    codes: Counter[str] = field(default_factory=Counter)
    """Calls by outcome: OK, OK_LATE, WRONG_REPLY, an HTTP status, or the name of an error."""
    seconds: float = 0.0


async def drive(ask: HttpAsk) -> HttpOutcome:
    """Asks for a while and waits for the last answers."""
    outcome = HttpOutcome()
    numbers: asyncio.Queue[tuple[int, float]] = asyncio.Queue()
    started = time.monotonic()
    until = started + ask.seconds
    connections = _CONNECTIONS if ask.rate else ask.in_flight
    callers = [
        asyncio.create_task(_caller(ask, place, connections, numbers, until, outcome)) for place in range(connections)
    ]
    if ask.rate:
        await _arrivals(ask, numbers, until)
        for _ in callers:
            numbers.put_nowait((-1, 0.0))
    await asyncio.gather(*callers)
    outcome.seconds = time.monotonic() - started
    return outcome


async def _arrivals(ask: HttpAsk, numbers: "asyncio.Queue[tuple[int, float]]", until: float) -> None:
    chance, number = random.Random(1), 0
    due = time.monotonic()
    while (due := due + chance.expovariate(ask.rate)) < until:
        if (wait := due - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        numbers.put_nowait((number, due))
        number += 1


async def _caller(
    ask: HttpAsk,
    place: int,
    step: int,
    numbers: "asyncio.Queue[tuple[int, float]]",
    until: float,
    outcome: HttpOutcome,
) -> None:
    connection: tuple[Any, Any] | None = None
    number, due = place, 0.0
    while True:
        if ask.rate:
            number, due = await numbers.get()
            if number < 0:
                break
        else:
            number, due = number + step, time.monotonic()
            if due > until:
                break
        try:
            async with asyncio.timeout(max(due + ask.deadline_s - time.monotonic(), 0)):
                connection = connection or await asyncio.open_connection("127.0.0.1", ask.port)
                code = await _call(ask, number, connection)
        except TimeoutError:
            code = "DEADLINE_EXCEEDED"
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            code = type(error).__name__
        if code != "OK" and connection is not None:
            connection[1].close()  # what is left of the answer would be taken for the next one's
            connection = None
        outcome.codes[code] += 1
    if connection is not None:
        connection[1].close()


async def _call(ask: HttpAsk, number: int, connection: tuple[Any, Any]) -> str:
    reader, writer = connection
    body = json.dumps({"x": [ask.item(number)]}).encode()
    head = (
        f"POST /infer HTTP/1.1\r\nHost: peer\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
    length = next((int(line.partition(":")[2]) for line in lines if line.startswith("content-length:")), 0)
    content = await reader.readexactly(length)
    status = lines[0].split()[1]
    if status != "200":
        return f"HTTP {status}"
    return "OK" if ask.check(number, json.loads(content)[0]) else "WRONG_REPLY"
