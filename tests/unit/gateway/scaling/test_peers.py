# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import asyncio
from collections.abc import Callable

import pytest

from tests.unit.gateway.fleets import model, worker
from tests.unit.gateway.scaling.stage import Stage, scaled, serving


async def until(condition: Callable[[], bool]) -> None:
    """Waits until a condition holds."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_call_of_one_control_plane_is_known_to_the_one_that_keda_asks() -> None:
    called = Stage()
    async with serving(called):
        asked = Stage([called.address])
        async with serving(asked) as stub:
            tasks = [asyncio.create_task(each.scaling.run()) for each in (called, asked)]
            watch = stub.StreamIsActive(scaled())
            assert not (await watch.read()).result
            called.now += 7
            asked.now += 7000
            called.call()
            called.now += 2
            assert (await asyncio.wait_for(watch.read(), 10)).result
            asked.now += 3
            assert asked.call() == pytest.approx(25.0, abs=1), "the wake began with the other's call"
            for task in tasks:
                task.cancel()


async def test_what_one_has_learned_another_that_has_just_started_knows() -> None:
    old = Stage()
    async with serving(old):
        task = asyncio.create_task(old.scaling.run())
        await asyncio.sleep(0)
        old.call()
        old.now += 12
        old.put(worker("vision", 1, model("digits")))
        await asyncio.sleep(0)
        old.put()
        young = Stage([old.address, old.address])
        async with serving(young):
            other = asyncio.create_task(young.scaling.run())
            await until(lambda: young.call() != 30.0)
            assert young.call() == pytest.approx(12.0, abs=1)
            other.cancel()
        task.cancel()


async def test_one_that_finds_itself_among_its_peers_and_one_that_is_dead_do_no_harm() -> None:
    stage = Stage()
    async with serving(stage):
        stage.scaling._peers._names = (stage.address, "127.0.0.1:9")
        task = asyncio.create_task(stage.scaling.run())
        await asyncio.sleep(0.3)
        assert not task.done()
        assert stage.scaling._demand.last("vision") is None
        stage.call()
        await asyncio.sleep(0.1)
        assert stage.scaling._demand._elsewhere == {}
        task.cancel()
