# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The load generator, which speaks gRPC's wire format itself, against gRPC's own server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import grpc
import pytest

from bench import generator
from bench.generator import Ask
from bench.procs import ServerFailed

PATH = "/test.Service/Method"
MEGABYTE = 1 << 20
NEVER_S = 60.0

Handler = Callable[[bytes, "grpc.aio.ServicerContext[bytes, bytes]"], Awaitable[bytes]]


@pytest.fixture(autouse=True, scope="module")
def built() -> None:
    try:
        generator.build()
    except ServerFailed as error:
        pytest.skip(str(error))


@asynccontextmanager
async def serving(handler: Handler, *options: tuple[str, int]) -> AsyncIterator[Ask]:
    """Serves the method; yields what asks it."""
    unlimited = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))
    server = grpc.aio.server(options=(*unlimited, *options))
    method = grpc.unary_unary_rpc_method_handler(handler)
    service, name = PATH[1:].split("/")
    server.add_registered_method_handlers(service, {name: method})
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {name: method}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield Ask(f"127.0.0.1:{port}", PATH, bytes(32), mark=8, marked=16, connections=2, in_flight=4, seconds=0.3)
    finally:
        await server.stop(0)


async def echo(request: bytes, _context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
    return request


async def test_answers_that_hold_their_calls_number_are_right() -> None:
    async with serving(echo) as ask:
        closed = await generator.drive(ask)
        opened = await generator.drive(replace(ask, rate=200))
    assert closed.codes.keys() == opened.codes.keys() == {"OK"}
    assert closed.codes["OK"] > ask.in_flight
    assert 20 < opened.codes["OK"] < 120, "of 60"
    assert sum(opened.answered_per_second) == opened.codes["OK"]


async def test_another_calls_answer_is_wrong() -> None:
    last = bytes(32)

    async def confused(request: bytes, _context: object) -> bytes:
        nonlocal last
        last, reply = request, last
        return reply

    async with serving(confused) as ask:
        found = await generator.drive(ask)
    assert found.codes.keys() == {"WRONG_REPLY"}


async def test_replies_to_requests_without_a_number_are_given_to_the_check() -> None:
    replies: list[bytes] = []
    async with serving(echo) as ask:
        found = await generator.drive(replace(ask, mark=-1, request=b"the same"), replies.append)
    assert replies == [b"the same"]
    assert found.codes.keys() == {"OK"}


@pytest.mark.parametrize("size", [0, 1 << 14, 5 * MEGABYTE + 1])
async def test_messages_of_any_size_come_there_and_back(size: int) -> None:
    async with serving(echo) as ask:
        found = await generator.drive(replace(ask, request=bytes(32 + size)))
    assert found.codes.keys() == {"OK"}


async def test_calls_wait_where_a_server_takes_few_at_a_time() -> None:
    async def slow(request: bytes, _context: object) -> bytes:
        await asyncio.sleep(0.01)
        return request

    async with serving(slow, ("grpc.max_concurrent_streams", 2)) as ask:
        found = await generator.drive(replace(ask, connections=1, in_flight=16))
    # gRPC's server refuses some where it has answered another and not yet forgotten it; at once refused are thousands.
    assert found.codes.keys() <= {"OK", "UNAVAILABLE"}
    assert found.codes["UNAVAILABLE"] < 4 * found.codes["OK"]


async def test_statuses_are_counted_by_their_names() -> None:
    async def refuse(_request: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
        await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "with a long message, " * 20)
        raise AssertionError

    async with serving(refuse) as ask:
        refused = await generator.drive(ask)
        missing = await generator.drive(replace(ask, path="/test.Service/Other"))
    assert refused.codes.keys() == {"RESOURCE_EXHAUSTED"}
    assert 0 < refused.refused_p99_s < ask.deadline_s
    assert missing.codes.keys() == {"UNIMPLEMENTED"}


@pytest.mark.parametrize("rate", [0.0, 100.0])
async def test_calls_end_at_their_deadline_which_the_server_is_told(rate: float) -> None:
    left: list[float | None] = []
    cancelled = 0

    async def never(request: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
        nonlocal cancelled
        left.append(context.time_remaining())
        try:
            await asyncio.sleep(NEVER_S)
        except asyncio.CancelledError:
            cancelled += 1
            raise
        return request

    async with serving(never) as ask:
        found = await generator.drive(replace(ask, rate=rate, deadline_s=0.1))
        async with asyncio.timeout(NEVER_S):
            while cancelled < len(left):
                await asyncio.sleep(0.01)
    assert found.codes.keys() == {"DEADLINE_EXCEEDED"}
    assert found.seconds < NEVER_S / 2
    assert left
    assert all(0 < (one or 0) <= 0.1 for one in left)


async def test_metadata_is_sent_in_lower_case_as_http_2_wants_it() -> None:
    async def told(_request: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
        return str(dict(context.invocation_metadata() or ())["x-model"]).encode()

    replies: list[bytes] = []
    async with serving(told) as ask:
        await generator.drive(replace(ask, mark=-1, metadata=(("X-Model", "a"), ("b", "c"))), replies.append)
    assert replies == [b"a"]


@pytest.mark.parametrize("rate", [0.0, 100.0])
async def test_where_nobody_serves_every_call_is_unavailable(rate: float) -> None:
    async with serving(echo) as ask:
        pass
    found = await generator.drive(replace(ask, rate=rate))
    assert found.codes.keys() == {"UNAVAILABLE"}


async def test_calls_on_a_server_that_goes_are_unavailable_and_none_is_lost() -> None:
    came = asyncio.Event()

    async def never(request: bytes, _context: object) -> bytes:
        came.set()
        await asyncio.sleep(NEVER_S)
        return request

    async with serving(never) as ask:
        driven = asyncio.create_task(generator.drive(replace(ask, connections=1, seconds=NEVER_S)))
        await came.wait()
    found = await driven
    assert found.calls == ask.in_flight
    assert found.codes.keys() <= {"UNAVAILABLE", "CANCELLED"}
    assert found.seconds < NEVER_S


@pytest.mark.parametrize(
    ("slip", "says"),
    [
        ({"mark": 4}, "do not fit the request of 8 bytes"),
        ({"mark": (1 << 63) - 1}, "do not fit the request of 8 bytes"),
        ({"connections": 0}, "-connections must be at least 1, not 0"),
        ({"in_flight": 0}, "-in-flight must be at least 1, not 0"),
        ({"rate": float("inf")}, "-rate must be from 0 to 1e[+]06 calls a second, not [+]Inf"),
        ({"rate": float("nan")}, "-rate must be from 0"),
        ({"rate": -1.0}, "-rate must be from 0"),
        ({"seconds": 0.0}, "-seconds must be more than 0"),
        ({"deadline_s": 0.0}, "-deadline must be at least a microsecond, not 0s"),
    ],
    ids=str,
)
async def test_what_would_ask_nobody_or_for_ever_is_refused(slip: dict[str, Any], says: str) -> None:
    with pytest.raises(ServerFailed, match=says):
        await generator.drive(replace(Ask("127.0.0.1:1", PATH, bytes(8)), **slip))
