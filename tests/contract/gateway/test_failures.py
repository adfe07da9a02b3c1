# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Workers that die, hang, refuse or fail. Needs scripted behaviour, so the workers are stand-ins."""

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from tests.contract.gateway.calls import VISION, call, classify, open_channel
from tests.contract.gateway.fleet import Standin, run_standin
from tests.contract.gateway.load import in_flight
from tests.support.envoy import Gateway, run_gateway

DEFAULT = {"digits": {"default_for": ["Classify"]}}
BUSY = [("test-do", "sleep:0.05")]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Gateway, Standin, Standin]]:
    """Two workers with one model, and their gateway."""
    with (
        run_standin("vision", "A", DEFAULT) as a,
        run_standin("vision", "B", DEFAULT) as b,
        run_gateway([("vision", a.address), ("vision", b.address)], tmp_path) as gateway,
    ):
        yield gateway, a, b


async def test_killing_one_of_two_workers_fails_no_call(pair: tuple[Gateway, Standin, Standin]) -> None:
    gateway, _, b = pair
    async with in_flight(gateway.address, "digits", concurrency=32, metadata=BUSY) as load:
        await load.more(100)
        b.process.kill()
        await load.more(300)
    assert load.codes.keys() == {"OK"}, load.failures[:3]
    assert (
        gateway.stats("domain/vision.upstream_rq_retry_success")["cluster.domain/vision.upstream_rq_retry_success"] > 0
    )


async def test_a_worker_that_hangs_fails_no_call(pair: tuple[Gateway, Standin, Standin]) -> None:
    gateway, _, b = pair
    async with in_flight(gateway.address, "digits", concurrency=16, metadata=BUSY) as load:
        await load.more(100)
        b.process.send_signal(signal.SIGSTOP)
        await load.more(400)
    assert load.codes.keys() == {"OK"}, load.failures[:3]


async def test_a_worker_whose_loop_is_blocked_gets_no_further_calls(pair: tuple[Gateway, Standin, Standin]) -> None:
    gateway, _, b = pair
    b.set(block=8)
    async with in_flight(gateway.address, "digits", concurrency=8, metadata=BUSY, deadline=3.0) as load:
        # Calls that it had ended at their deadline; those after it go to the other.
        async with asyncio.timeout(20):
            while gateway.stats("domain/vision.membership_healthy")["cluster.domain/vision.membership_healthy"] > 1:
                await asyncio.sleep(0.05)
        failed = len(load.failures)
        await load.more(100)
    assert load.replicas["A"] >= 100
    assert len(load.failures) <= failed + 8, load.failures[-3:]


def test_a_refusal_that_asks_for_it_is_retried_elsewhere(pair: tuple[Gateway, Standin, Standin]) -> None:
    gateway, _, _ = pair
    with open_channel(gateway.address) as channel:
        for _ in range(20):
            metadata = [("x-model", "digits"), ("test-do", "retry:B")]
            answer = call(channel, f"{VISION}/Classify", classify(), metadata=metadata)
            assert (answer.code, answer.replica) == (grpc.StatusCode.OK, "A")
    assert gateway.stats("domain/vision.upstream_rq_retry$")["cluster.domain/vision.upstream_rq_retry"] > 0


def test_a_large_body_is_sent_again_too(pair: tuple[Gateway, Standin, Standin]) -> None:
    gateway, _, _ = pair
    with open_channel(gateway.address) as channel:
        for _ in range(4):
            metadata = [("x-model", "digits"), ("test-do", "retry:B")]
            answer = call(channel, f"{VISION}/Classify", classify("", 15_000_000), metadata=metadata)
            assert (answer.code, answer.replica) == (grpc.StatusCode.OK, "A")


async def provoke(gateway: Gateway, what: str, path: str, deadline: float | None, expected: str) -> None:
    """Makes 1,000 calls that all end with a status."""
    metadata = (("x-model", "digits"), ("test-do", what))
    async with grpc.aio.insecure_channel(gateway.address) as channel:
        method = channel.unary_unary(path)
        gate = asyncio.Semaphore(25)

        async def one() -> str:
            async with gate:
                return (await method(b"", metadata=metadata, timeout=deadline).code()).name

        assert set(await asyncio.gather(*(one() for _ in range(1000)))) == {expected}


@pytest.mark.parametrize(
    ("what", "deadline", "expected"),
    [
        ("sleep:1", 0.03, "DEADLINE_EXCEEDED"),
        ("fail:UNAVAILABLE", None, "UNAVAILABLE"),
        ("fail:INTERNAL", None, "INTERNAL"),
        ("fail:RESOURCE_EXHAUSTED", None, "RESOURCE_EXHAUSTED"),
    ],
)
async def test_statuses_that_callers_can_provoke_eject_nobody_and_are_not_retried(
    pair: tuple[Gateway, Standin, Standin], what: str, deadline: float | None, expected: str
) -> None:
    gateway, _, _ = pair
    pattern = (
        "^cluster.domain/vision.(outlier_detection.ejections_enforced|upstream_rq_(total|retry)$|health_check.fail)"
    )
    for _ in range(4):
        before = gateway.stats(pattern)
        await provoke(gateway, what, f"{VISION}/Classify", deadline, expected)
        after = gateway.stats(pattern)
        grown = {name.removeprefix("cluster.domain/vision."): after[name] - before[name] for name in after}
        # A machine so busy that a worker misses its health check says nothing about statuses.
        if not grown.pop("health_check.failure"):
            break
    else:
        raise AssertionError("health checks failed in each run: is the machine overloaded?")
    assert grown.pop("upstream_rq_total") <= 1050
    assert not any(grown.values()), grown


async def test_unknown_methods_reach_no_worker(pair: tuple[Gateway, Standin, Standin]) -> None:
    gateway, _, _ = pair
    await provoke(gateway, "", f"{VISION}/Nope", None, "UNIMPLEMENTED")
    assert gateway.stats("domain/vision.upstream_rq_total$").popitem()[1] == 0


async def test_refused_calls_without_another_replica_cost_few_attempts(tmp_path: Path) -> None:
    with (
        run_standin("vision", "A", DEFAULT) as a,
        run_gateway([("vision", a.address)], tmp_path) as gateway,
        open_channel(gateway.address) as channel,
    ):
        metadata = [("x-model", "digits"), ("test-do", "retry")]
        answer = call(channel, f"{VISION}/Classify", classify(), metadata=metadata)
        assert answer.code == grpc.StatusCode.UNAVAILABLE
        assert gateway.stats("domain/vision.upstream_rq_total")["cluster.domain/vision.upstream_rq_total"] <= 3
