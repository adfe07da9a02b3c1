# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.unit.gateway.fleets import model, worker
from tests.unit.gateway.scaling.stage import Stage


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A control plane whose one domain that is scaled has no worker."""
    stage = Stage()
    running = asyncio.create_task(stage.scaling.run())
    await asyncio.sleep(0)
    yield stage
    running.cancel()


async def wake(stage: Stage, seconds: float) -> float | None:
    """A call, and a worker that is there after a time, and gone again; returns what the caller was told."""
    told = stage.call()
    stage.now += seconds / 2
    stage.put(worker("vision", 1, model("digits", "LOADING")))
    await asyncio.sleep(0)
    stage.now += seconds / 2
    stage.put(worker("vision", 1, model("digits")))
    await asyncio.sleep(0)
    stage.put()
    await asyncio.sleep(0)
    stage.now += 1000
    return told


async def test_a_caller_is_told_what_wakes_have_taken(stage: Stage) -> None:
    assert await wake(stage, 8) == 30.0
    assert await wake(stage, 8) == pytest.approx(8.0)
    assert stage.metrics.get_sample_value("argosy_gateway_wake_seconds_sum", {"domain": "vision"}) == pytest.approx(16)


async def test_a_worker_that_loads_does_not_change_what_is_told(stage: Stage) -> None:
    await wake(stage, 8)
    stage.call()
    stage.now += 6
    stage.put(worker("vision", 1, model("digits", "LOADING")))
    assert stage.call() == pytest.approx(2.0)


@pytest.mark.parametrize("state", ["FAILED", "UNLOADED"])
async def test_what_no_worker_will_change_wakes_nothing(stage: Stage, state: str) -> None:
    stage.put(worker("vision", 1, model("digits", state)))
    assert stage.call() is None


async def test_domains_that_nobody_scales_wake_not(stage: Stage) -> None:
    stage.put(worker("nlp", 1, model("sentiment"), status="UNREACHABLE"))
    assert stage.call("sentiment") is None


async def test_a_model_with_a_problem_of_its_own_waits_for_no_wake(stage: Stage) -> None:
    stage.put(worker("vision", 1, model("faces"), model("digits", "LOADING")))
    assert stage.call() is None


async def test_a_worker_that_leaves_as_the_last_one_is_followed_by_a_wake(stage: Stage) -> None:
    stage.put(worker("vision", 1, model("digits"), status="DRAINING"))
    assert stage.call() == 30.0
