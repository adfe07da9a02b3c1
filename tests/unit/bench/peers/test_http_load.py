# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The load over HTTP, against a server of a few lines."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from bench.peers import http_load
from bench.peers.http_load import HttpAsk


@asynccontextmanager
async def serving(status: int = 200, delay_s: float = 0.0, offset: float = 0.0) -> AsyncIterator[int]:
    """A server that returns its rows, each number greater by ``offset``; yields its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                length = int(head.partition("content-length:")[2].split()[0])
                rows = json.loads(await reader.readexactly(length))["x"]
                await asyncio.sleep(delay_s)
                body = json.dumps([[number + offset for number in row] for row in rows]).encode()
                writer.write(f"HTTP/1.1 {status} Fine\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def ask(port: int, **changed: Any) -> HttpAsk:
    usual = HttpAsk(port, lambda number: [float(number)], lambda number, row: row == [float(number)], 4, seconds=0.2)
    return replace(usual, **changed)


async def test_each_reply_is_compared_with_its_own_request() -> None:
    async with serving() as port:
        assert set((await http_load.drive(ask(port))).codes) == {"OK"}
    async with serving(offset=1.0) as port:
        assert set((await http_load.drive(ask(port))).codes) == {"WRONG_REPLY"}


async def test_statuses_and_deadlines_are_counted() -> None:
    async with serving(status=503) as port:
        assert set((await http_load.drive(ask(port))).codes) == {"HTTP 503"}
    async with serving(delay_s=30.0) as port:
        codes = (await http_load.drive(ask(port, deadline_s=0.1))).codes
        assert set(codes) == {"DEADLINE_EXCEEDED"}


async def test_an_open_loop_sends_at_its_rate_whatever_comes_back() -> None:
    async with serving(delay_s=0.3) as port:
        outcome = await http_load.drive(ask(port, rate=100.0, seconds=0.5))
    assert 20 <= outcome.codes["OK"] <= 90
