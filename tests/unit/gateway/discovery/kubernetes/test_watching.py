# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Lists and watches against an HTTP server that speaks as an API server does."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from aiohttp import web
from argosy_gateway.discovery.kubernetes.access import Access
from argosy_gateway.discovery.kubernetes.connection import connect
from argosy_gateway.discovery.kubernetes.objects import Objects
from argosy_gateway.discovery.kubernetes.watching import Pace, Resource, follow

from tests.support.api_server import ApiServer, Event, line
from tests.support.waiting import until

PATH = "/apis/things"
RESOURCE = Resource(PATH)
AWAY = "no news from the API server, what it said last stays in force"
PACE = Pace(watch_s=5.0, grace_s=0.3, list_s=1.0, delays_s=(0.0, 0.01, 0.02), most_s=0.2)


@dataclass
class Seen:
    """What a follower has been told."""

    states: list[set[str]] = field(default_factory=list)
    objects: Objects = field(default_factory=dict)

    def update(self, objects: Objects) -> None:
        self.objects = objects
        self.states.append(set(objects))


@pytest.fixture
async def server() -> AsyncIterator[ApiServer]:
    async with ApiServer() as server:
        yield server


@contextlib.asynccontextmanager
async def following(server: ApiServer, resource: Resource = RESOURCE, pace: Pace = PACE) -> AsyncIterator[Seen]:
    seen = Seen()
    task = asyncio.create_task(follow(partial(connect, server.access), resource, seen.update, pace))
    try:
        yield seen
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def lists(server: ApiServer) -> int:
    return sum("watch" not in query for _, query in server.requests)


async def test_all_are_listed_before_anything_is_said_and_then_changes_are(server: ApiServer) -> None:
    await server.put(PATH, "a", {})
    await server.put(PATH, "b", {})
    async with following(server, Resource(PATH, "app=x")) as seen:
        await until(lambda: server.watches)
        await server.put(PATH, "c", {"new": 1})
        await server.delete(PATH, "a")
        await until(lambda: set(seen.objects) == {"b", "c"})
    assert seen.states == [{"a", "b"}, {"a", "b", "c"}, {"b", "c"}]
    assert seen.objects["c"]["new"] == 1
    assert all(query["labelSelector"] == "app=x" for _, query in server.requests)
    assert lists(server) == 1


async def test_nothing_is_said_while_there_is_no_api_server_and_that_is_reported_once(
    server: ApiServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    await server.put(PATH, "a", {})
    await server.stop()
    access, attempts = server.access, 0

    def counted() -> Access:
        nonlocal attempts
        attempts += 1
        return access()

    monkeypatch.setattr(server, "access", counted)
    async with following(server) as seen:
        await until(lambda: caplog.messages)
        before = attempts
        await until(lambda: attempts >= before + 4)
        assert seen.states == []
        assert caplog.messages == ["waiting for the API server"]
        await server.start()
        await until(lambda: seen.states)
    assert seen.states == [{"a"}]


@pytest.mark.parametrize("drop", [True, False], ids=["cut", "ended"])
async def test_a_watch_that_ends_goes_on_where_it_was(server: ApiServer, drop: bool) -> None:
    pace = PACE if drop else Pace(watch_s=1.0, grace_s=1.0, delays_s=(0.01,))
    await server.put(PATH, "a", {})
    async with following(server, pace=pace) as seen:
        await until(lambda: server.watches)
        await server.bookmark(PATH)
        await server.put(PATH, "b", {})
        await until(lambda: "b" in seen.objects)
        at = server.revision
        if drop:
            server.drop()
        await until(lambda: server.requests[-1][1].get("resourceVersion") == str(at))
        await server.put(PATH, "c", {})
        await until(lambda: "c" in seen.objects)
    assert lists(server) == 1


async def test_a_bookmark_moves_where_the_next_watch_begins(server: ApiServer) -> None:
    await server.put(PATH, "a", {})
    # One that ends by itself has told everything before.
    async with following(server, pace=Pace(watch_s=1.0, grace_s=1.0, delays_s=(0.01,))) as seen:
        await until(lambda: server.watches)
        await server.bookmark(PATH)
        at = server.revision
        await server.put("/apis/others", "x", {})
        await until(lambda: server.requests[-1][1].get("resourceVersion") == str(at))
    assert seen.states == [{"a"}]


async def test_what_has_expired_is_listed_again_and_replaced_as_a_whole(server: ApiServer) -> None:
    for name in ("a", "b"):
        await server.put(PATH, name, {})
    async with following(server) as seen:
        await until(lambda: server.watches)
        await server.stop()
        await server.delete(PATH, "a")
        await server.put(PATH, "c", {})
        server.forget()
        await server.start()
        await until(lambda: "c" in seen.objects)
    assert seen.states == [{"a", "b"}, {"b", "c"}]


async def test_an_answer_410_to_a_watch_lists_again(server: ApiServer) -> None:
    async def gone(request: web.Request) -> web.StreamResponse | None:
        if request.query.get("watch") and lists(server) < 3:
            return web.json_response({"message": "too old"}, status=410)
        return None

    server.answer = gone
    await server.put(PATH, "a", {})
    async with following(server) as seen:
        await until(lambda: server.watches)
    assert lists(server) == 3
    assert set(map(frozenset, seen.states)) == {frozenset({"a"})}


async def test_what_was_known_stays_known_while_the_server_is_away_and_after_it(
    server: ApiServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "argosy_gateway")
    await server.put(PATH, "a", {})
    async with following(server) as seen:
        await until(lambda: server.watches)
        for turn in range(1, 4):
            await server.stop()
            await until(lambda: caplog.messages.count(AWAY) == turn)  # noqa: B023
            await server.start()
            await server.put(PATH, f"b{turn}", {})
            await until(lambda: f"b{turn}" in seen.objects)  # noqa: B023
    assert all(states >= {"a"} for states in seen.states)
    assert caplog.messages == [AWAY, "the API server answers again"] * 3


async def garbage(_: web.Request) -> web.StreamResponse:
    return web.Response(body=b"<html>busy</html>")


async def truncated(_: web.Request) -> web.StreamResponse:
    return web.Response(body=b'{"metadata": {"resourceVersion": "7"}, "items": [')


async def no_list(_: web.Request) -> web.StreamResponse:
    return web.json_response({"metadata": {"resourceVersion": "7"}})


async def no_event(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(line({"type": "ADDED", "object": {"metadata": {}}}))
    await asyncio.sleep(0.05)
    return response


async def silence(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(60)
    raise AssertionError("nobody waits so long")


async def busy(_: web.Request) -> web.StreamResponse:
    return web.json_response({"message": "too many"}, status=429, headers={"Retry-After": "1"})


async def forbidden(_: web.Request) -> web.StreamResponse:
    return web.json_response({"message": "who are you?"}, status=403)


async def moved(_: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/elsewhere")


@pytest.mark.parametrize("answer", [garbage, truncated, no_list, no_event, silence, busy, forbidden, moved])
async def test_a_server_that_answers_anything_else_changes_nothing_and_is_asked_again(
    server: ApiServer, answer: Any
) -> None:
    await server.put(PATH, "a", {})
    pace = Pace(watch_s=0.3, grace_s=0.1, list_s=0.3, delays_s=(0.0, 0.01), most_s=0.1)
    async with following(server, pace=pace) as seen:
        await until(lambda: server.watches)
        server.answer = answer
        server.drop()
        asked = len(server.requests)
        await until(lambda: len(server.requests) > asked + 3)
        server.answer = None
        await server.put(PATH, "b", {})
        await until(lambda: "b" in seen.objects)
    assert all(states >= {"a"} for states in seen.states)
    assert not any(path == "/elsewhere" for path, _ in server.requests)


async def test_garbage_at_start_is_no_list(server: ApiServer) -> None:
    server.answer = garbage
    await server.put(PATH, "a", {})
    async with following(server) as seen:
        await until(lambda: len(server.requests) > 3)
        assert seen.states == []
        server.answer = None
        await until(lambda: seen.states)
    assert seen.states == [{"a"}]


async def test_a_watch_in_which_nothing_comes_any_more_counts_as_dead(server: ApiServer) -> None:
    hanging = True

    async def hang(request: web.Request) -> web.StreamResponse | None:
        return await silence(request) if request.query.get("watch") and hanging else None

    server.answer = hang
    await server.put(PATH, "a", {})
    async with following(server, pace=Pace(watch_s=0.2, grace_s=0.1, delays_s=(0.0,))) as seen:
        await until(lambda: len(server.requests) > 2)
        hanging = False
        await server.put(PATH, "b", {})
        await until(lambda: "b" in seen.objects)


async def test_watches_that_end_as_soon_as_they_begin_are_not_begun_without_a_pause(server: ApiServer) -> None:
    begun: list[float] = []

    async def ends(request: web.Request) -> web.StreamResponse | None:
        if not request.query.get("watch"):
            return None
        begun.append(time.monotonic())
        return web.Response(body=b"")

    server.answer = ends
    await server.put(PATH, "a", {})
    async with following(server, pace=Pace(delays_s=(0.1,))):
        await until(lambda: len(begun) >= 4)
    # A pause is between half and all of the delay.
    assert all(later - earlier >= 0.05 for earlier, later in pairwise(begun))


async def test_a_kind_that_the_server_does_not_know_is_waited_for(server: ApiServer) -> None:
    server.unknown.add(PATH)
    async with following(server) as seen:
        await until(lambda: len(server.requests) > 3)
        assert seen.states == []


async def test_a_kind_that_may_be_unknown_has_no_objects_until_it_is_there(server: ApiServer) -> None:
    server.unknown.add(PATH)
    await server.put(PATH, "a", {})
    async with following(server, Resource(PATH, optional=True)) as seen:
        await until(lambda: seen.states)
        server.unknown.clear()
        await until(lambda: seen.objects)
        server.unknown.add(PATH)
        server.forget()
        server.drop()
        await until(lambda: [path for path, query in server.requests if "watch" not in query][3:])
    assert seen.states == [set(), {"a"}]


async def test_each_request_says_who_calls_with_the_token_that_is_there_now(server: ApiServer) -> None:
    await server.put(PATH, "a", {})
    async with following(server):
        await until(lambda: server.watches)
    assert server.authorization == ["Bearer t1", "Bearer t2"]


async def test_an_object_larger_than_a_network_buffer_arrives(server: ApiServer) -> None:
    async with following(server) as seen:
        await until(lambda: server.watches)
        await server.tell(
            Event(
                server.revision + 1,
                PATH,
                "ADDED",
                {"metadata": {"name": "big", "resourceVersion": str(server.revision + 1)}, "data": "x" * (3 << 20)},
            )
        )
        await until(lambda: "big" in seen.objects)
