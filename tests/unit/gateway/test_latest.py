# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import asyncio

from argosy_gateway.latest import Latest


async def test_followers_get_the_newest_value_and_may_miss_those_between() -> None:
    latest = Latest(1)
    changes = latest.changes()
    assert await anext(changes) == 1
    for value in (2, 3, 4):
        latest.set(value)
    assert await anext(changes) == 4


async def test_a_change_while_a_follower_works_is_not_missed() -> None:
    latest, seen = Latest(0), []

    async def follow() -> None:
        async for value in latest.changes():
            seen.append(value)
            if value < 3:
                latest.set(value + 1)
            else:
                latest.close()

    await asyncio.wait_for(follow(), 5)
    assert seen == [0, 1, 2, 3]


async def test_closing_ends_every_follower() -> None:
    latest = Latest("x")

    async def follow() -> list[str]:
        return [value async for value in latest.changes()]

    followers = [asyncio.create_task(follow()) for _ in range(3)]
    await asyncio.sleep(0)
    latest.close()
    assert await asyncio.wait_for(asyncio.gather(*followers), 5) == [["x"]] * 3
