# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Accepting calls: many asked for ahead, tenants in turn, none lost, and a server that stops leaves none unanswered."""

import asyncio
import contextlib
import fcntl
import struct
import termios
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from argosy_worker import context
from argosy_worker.serving import accepting, server, turns
from grpc._cython import cygrpc

from tests.support.envoy import wait_for

PATH = "/test.Service/Method"
MANY = 16


@contextlib.asynccontextmanager
async def serving(handler: Callable[[bytes, Any], Awaitable[bytes]]) -> AsyncIterator[tuple[Any, str]]:
    """Runs a server of one method; it, and where it listens."""
    made, port = server.bind("127.0.0.1", 0, 1 << 20)
    made.add_generic_rpc_handlers((server.MethodTable({PATH: grpc.unary_unary_rpc_method_handler(handler)}),))
    await made.start()
    try:
        yield made, f"127.0.0.1:{port}"
    finally:
        await accepting.stop(made, 5.0)


def of(tenant: str) -> tuple[tuple[str, str], ...]:
    """Metadata of a tenant's call."""
    return ((context.TENANT_KEY, tenant),) if tenant else ()


def ask(address: str, count: int, tenants: Sequence[str] = ("",), behind: asyncio.Event | None = None) -> Counter[str]:
    """Makes numbered calls at once on one connection, from a thread of its own; returns how many ended how.

    Where ``behind`` is given, all but the first wait until it is set.
    """
    with grpc.insecure_channel(address) as channel:
        call = channel.unary_unary(PATH)
        calls = []
        for number in range(count):
            if number == 1 and behind is not None:
                wait_for(behind.is_set, "the first call to be handled")
            metadata = of(tenants[number % len(tenants)])
            calls.append(call.future(str(number).encode(), timeout=20, metadata=metadata))
        return Counter(
            call.result().decode() if call.code() is grpc.StatusCode.OK else call.code().name for call in calls
        )


def wait_until_come(count: int) -> None:
    """Keeps the event loop busy until gRPC has so many events for it, one for each call that comes meanwhile.

    For each it has written a byte to a socket that the loop reads: see :mod:`argosy_worker.serving.waking`.
    """
    readers = [key.fd for key in asyncio.get_running_loop()._selector.get_map().values()]

    def waiting() -> int:
        return sum(struct.unpack("i", fcntl.ioctl(fd, termios.FIONREAD, bytes(4)))[0] for fd in readers)

    wait_for(lambda: waiting() >= count, f"{count} calls to come")


async def test_calls_that_came_while_the_loop_was_busy_are_heard_together() -> None:
    handled: list[bytes] = []
    busy = asyncio.Event()

    async def handler(raw: bytes, _rpc: Any) -> bytes:
        handled.append(raw)
        if raw == b"0":
            busy.set()
            wait_until_come(MANY)
        return raw

    async with serving(handler) as (made, address):
        answering = asyncio.create_task(asyncio.to_thread(ask, address, MANY + 1, behind=busy))
        await busy.wait()
        # The loop is free again. A few turns are less than asking for each of them in turn takes.
        together = 0
        for _ in range(8):
            await asyncio.sleep(0)
            together = max(together, made._server.heard + len(handled) - 1)
        assert await answering == {str(number): 1 for number in range(MANY + 1)}
    assert together >= MANY - 1


@pytest.mark.usefixtures("turns_for_long")
@pytest.mark.parametrize("tenants", [("",), ("one", "two", "two")])
async def test_each_of_many_calls_gets_its_own_answer(tenants: Sequence[str]) -> None:
    async def handler(raw: bytes, _rpc: Any) -> bytes:
        await asyncio.sleep(0)
        return raw

    async with serving(handler) as (made, address):
        accepting.find_at_once(made, {PATH: grpc.unary_unary_rpc_method_handler(handler)})
        count = 20 * accepting.AHEAD
        with ThreadPoolExecutor(2) as pool:
            loop = asyncio.get_running_loop()
            found = await asyncio.gather(*(loop.run_in_executor(pool, ask, address, count, tenants) for _ in range(2)))
    assert sum(found, Counter()) == {str(number): 2 for number in range(count)}


async def order_of_handling(tenants: Sequence[str]) -> list[str]:
    """Has a call of each of these tenants wait for a busy event loop; returns whose were handled, first come first."""
    handled: list[str] = []
    busy = asyncio.Event()

    async def handler(raw: bytes, _rpc: Any) -> bytes:
        if raw == b"0":
            busy.set()
            wait_until_come(len(tenants))
        else:
            handled.append(tenants[int(raw) - 1])
        return raw

    async with serving(handler) as (made, address):
        for tenant in tenants:
            made._server.tenants.note(tenant)
        await asyncio.to_thread(ask, address, len(tenants) + 1, ("", *tenants), busy)
    return handled


@pytest.fixture
def turns_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, tenants that have called count as calling."""
    monkeypatch.setattr(cygrpc, accepting._FIND, getattr(cygrpc, accepting._FIND))
    monkeypatch.setattr(turns, "SEVERAL_S", 60.0)


@pytest.mark.usefixtures("turns_for_long")
async def test_tenants_count_as_several_once_calls_of_two_were_handled() -> None:
    async def handler(raw: bytes, _rpc: Any) -> bytes:
        return raw

    several = []
    async with serving(handler) as (made, address):
        accepting.find_at_once(made, {PATH: grpc.unary_unary_rpc_method_handler(handler)})
        async with grpc.aio.insecure_channel(address) as channel:
            for tenant in ("", "", "light"):
                await channel.unary_unary(PATH)(b"", timeout=20, metadata=of(tenant))
                several.append(made._server.tenants.several)
    assert several == [False, False, True]


@pytest.mark.usefixtures("turns_for_long")
async def test_a_tenants_only_call_does_not_wait_behind_all_those_of_another() -> None:
    handled = await order_of_handling(["heavy"] * 100 + ["light"])
    assert handled.count("heavy") == 100
    assert handled.index("light") < 20


@pytest.mark.usefixtures("turns_for_long")
async def test_two_tenants_are_heard_in_turn_whoever_sent_first() -> None:
    handled = await order_of_handling(["one"] * 50 + ["two"] * 50)
    assert 20 <= handled[:60].count("two") <= 40


@pytest.mark.usefixtures("turns_for_long")
async def test_a_lone_tenants_calls_are_handed_over_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "PORTION", 0)  # nobody would ever be heard in turns
    monkeypatch.setattr(turns, "SEVERAL_S", 0.0)
    assert await order_of_handling(["one"] * 50) == ["one"] * 50


@pytest.mark.usefixtures("turns_for_long")
@pytest.mark.parametrize("tenants", [("",), ("one", "two", "two")])
@pytest.mark.parametrize("load", [1, 100])
async def test_a_server_that_stops_answers_the_calls_that_have_come(load: int, tenants: Sequence[str]) -> None:
    busy = asyncio.Event()

    async def handler(raw: bytes, _rpc: Any) -> bytes:
        if raw == b"0":
            busy.set()
            wait_until_come(load - 1)
        await asyncio.sleep(0.001)
        return b"answer"

    async with serving(handler) as (made, address):
        for tenant in tenants:
            made._server.tenants.note(tenant)
        answering = asyncio.create_task(asyncio.to_thread(ask, address, load, tenants, busy))
        await busy.wait()
        began = time.monotonic()
    stopped_s = time.monotonic() - began
    assert await answering == {"answer": load}
    assert stopped_s < 4, "nobody waits for the end of the grace period"


async def test_handlers_are_found_in_a_table_and_others_in_the_usual_way(monkeypatch: pytest.MonkeyPatch) -> None:
    async def handler(raw: bytes, _rpc: Any) -> bytes:
        return raw

    monkeypatch.setattr(cygrpc, accepting._FIND, getattr(cygrpc, accepting._FIND))
    async with serving(handler) as (made, address):
        accepting.find_at_once(made, {"/test.Service/Other": grpc.unary_unary_rpc_method_handler(handler)})
        async with grpc.aio.insecure_channel(address) as channel:
            for known in ("/test.Service/Other", PATH):  # the first is in the table alone, the second with the server
                assert await channel.unary_unary(known)(b"answer", timeout=20) == b"answer"
            with pytest.raises(grpc.aio.AioRpcError) as error:
                await channel.unary_unary("/test.Service/Unknown")(b"", timeout=20)
            assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_grpc_that_has_no_place_for_it_serves_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    class Older:
        def __init__(self, *arguments: Any) -> None:
            self.made = cygrpc_server(*arguments)

        def __getattr__(self, name: str) -> Any:
            if name == "_make_request_call_future":
                raise AttributeError(name)
            return getattr(self.made, name)

    cygrpc_server = cygrpc.AioServer
    monkeypatch.setattr(cygrpc, "AioServer", Older)

    async def handler(raw: bytes, _rpc: Any) -> bytes:
        return raw

    async with serving(handler) as (made, address):
        assert isinstance(made._server, Older)
        with ThreadPoolExecutor(1) as pool:
            assert await asyncio.get_running_loop().run_in_executor(pool, ask, address, 1) == {"0": 1}
