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


async def test_statuses_that_callers_can_provoke_eject_nobody_and_are_not_retried(
    pair: tuple[Gateway, Standin, Standin],
) -> None:
    gateway, _, _ = pair
    calls = 0

    async def provoke(metadata: tuple[tuple[str, str], ...], path: str, deadline: float | None, expected: str) -> None:
        nonlocal calls
        async with grpc.aio.insecure_channel(gateway.address) as channel:
            method = channel.unary_unary(path)
            gate = asyncio.Semaphore(50)

            async def one() -> str:
                async with gate:
                    call = method(b"", metadata=metadata, timeout=deadline)
                    return (await call.code()).name

            codes = await asyncio.gather(*(one() for _ in range(1000)))
        calls += len(codes)
        assert set(codes) == {expected}

    named = ("x-model", "digits")
    path = f"{VISION}/Classify"
    await provoke((named, ("test-do", "sleep:1")), path, 0.03, "DEADLINE_EXCEEDED")
    await provoke((named,), f"{VISION}/Nope", None, "UNIMPLEMENTED")
    for code in ("UNAVAILABLE", "INTERNAL", "RESOURCE_EXHAUSTED"):
        await provoke((named, ("test-do", f"fail:{code}")), path, None, code)
    stats = gateway.stats("^cluster.domain/vision.(outlier_detection|upstream_rq_(total|retry)$|membership_healthy)")
    assert stats["cluster.domain/vision.outlier_detection.ejections_enforced_total"] == 0
    assert stats["cluster.domain/vision.membership_healthy"] == 2
    assert stats["cluster.domain/vision.upstream_rq_total"] <= 1.05 * calls
    assert stats["cluster.domain/vision.upstream_rq_retry"] == 0


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
