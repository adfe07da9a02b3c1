# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Workers' metrics are read, whatever some of the workers do."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from argosy.fleet.v1.fleet_pb2 import WORKER_STATUS_UNREACHABLE
from argosy_gateway.controller import scrape
from argosy_gateway.controller.scrape import metrics_address, texts
from argosy_gateway.fleet import WorkerView

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nup 1"
DRIP = b"HTTP/1.1 200 OK\r\n\r\n"


class Server:
    """Answers each request with the same bytes, then with a byte now and then."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.requests = 0

    @property
    def worker(self) -> WorkerView:
        """A worker with metrics here."""
        return WorkerView("vision", "127.0.0.1:1", metrics_address=f"0.0.0.0:{self.port}")


@contextlib.asynccontextmanager
async def serving(answer: bytes, *, drips: bool = False) -> AsyncIterator[Server]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError), contextlib.closing(writer):
            await reader.readuntil(b"\r\n\r\n")
            found.requests += 1
            writer.write(answer)
            while drips:
                await writer.drain()
                await asyncio.sleep(0.01)
                writer.write(b"#")

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    found = Server(server.sockets[0].getsockname()[1])
    async with server:
        yield found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("0.0.0.0:9101", "10.0.0.7:9101"),
        ("[::]:9101", "10.0.0.7:9101"),
        (":9101", "10.0.0.7:9101"),
        ("169.254.169.254:80", "10.0.0.7:80"),
        ("10.0.0.7:0", ""),
        ("10.0.0.7:65536", ""),
        ("10.0.0.7:80/x", ""),
        ("10.0.0.7", ""),
        ("", ""),
    ],
)
def test_a_worker_is_asked_where_it_serves_calls_whatever_host_it_says(said: str, found: str) -> None:
    assert metrics_address(WorkerView("vision", "10.0.0.7:8101", metrics_address=said)) == found


async def test_a_worker_that_answers_without_end_holds_nobody_up() -> None:
    async with serving(GOOD) as good, serving(DRIP, drips=True) as endless, asyncio.timeout(10):
        slow = WorkerView("vision", "127.0.0.1:2", metrics_address=f":{endless.port}")
        assert await texts([slow, good.worker], timeout_s=0.5) == {"127.0.0.1:1": "up 1"}
    assert endless.requests == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"\x15\x03\x03\x00\x02\x02\x46",
        b"HTTP/1.1",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc",
        b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nup 1",
        b"",
    ],
)
async def test_an_answer_that_is_none_counts_for_nothing(answer: bytes) -> None:
    async with serving(answer) as server:
        assert await texts([server.worker]) == {}
        assert server.requests > 0


async def test_nobody_is_led_elsewhere() -> None:
    async with serving(GOOD) as other:
        head = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{other.port}/\r\nContent-Length: 0\r\n\r\n"
        async with serving(head.encode()) as server:
            assert await texts([server.worker]) == {}
    assert (server.requests, other.requests) == (1, 0)


async def test_an_answer_that_is_too_long_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrape, "_MOST_BYTES", 3)
    async with serving(GOOD) as server:
        assert await texts([server.worker]) == {}


async def test_a_worker_that_cannot_be_reached_is_not_asked() -> None:
    async with serving(GOOD) as server:
        away = WorkerView(
            "vision", "127.0.0.1:1", WORKER_STATUS_UNREACHABLE, metrics_address=server.worker.metrics_address
        )
        assert await texts([away]) == {}
        assert server.requests == 0
