# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""B2: how much of a device's limit is delivered when enough calls are in flight."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import grpc

from bench import simulated, simulated_fleet
from bench.report import Section, Table
from bench.simulated import Device
from bench.stats import Bound, spread

DEVICE = Device(5, 0.25, 64)
IN_FLIGHT = 256
LEAST_SHARE = 0.97
WARM_UP_S = 2.0


async def run(rounds: int, seconds: float, progress: Callable[[str], None]) -> Section:
    """Keeps calls in flight through the gateway for ``seconds``, in ``rounds`` parts."""
    async with simulated_fleet.fleet(DEVICE) as fleet:
        await saturate(fleet.gateway, IN_FLIGHT, WARM_UP_S)
        parts: list[tuple[float, Counter[str]]] = []
        for number in range(1, rounds + 1):
            progress(f"part {number} of {rounds}")
            started = time.monotonic()
            codes = await saturate(fleet.gateway, IN_FLIGHT, seconds / rounds)
            parts.append((codes["OK"] / (time.monotonic() - started), codes))
    rate = spread(rate for rate, _ in parts)
    share = spread(rate / DEVICE.limit for rate, _ in parts)
    codes = sum((codes for _, codes in parts), Counter[str]())
    failures = tuple(f"{count} calls ended {code}" for code, count in codes.items() if code != "OK")
    return Section(
        "b2",
        Table(
            "B2: throughput on a simulated accelerator",
            ("device", "limit/s", "answered/s", "share of limit", "calls"),
            ((str(DEVICE), f"{DEVICE.limit:,.0f}", rate.text(0), share.text(3), f"{codes.total():,}"),),
            (f"Through the gateway, {IN_FLIGHT} calls in flight, {seconds:g} s; each reply checked.",),
        ),
        (Bound("share of the device's limit", share, LEAST_SHARE, at_least=True),),
        [{"answered_per_s": rate, "codes": dict(codes)} for rate, codes in parts],
        failures,
    )


async def saturate(
    channels: Sequence[Any], in_flight: int, seconds: float, tenant: str = "", done: list[float] | None = None
) -> Counter[str]:
    """Keeps calls in flight for a while; counts them by status, and notes in ``done`` when each was answered."""
    codes: Counter[str] = Counter()
    until = time.monotonic() + seconds
    metadata = simulated.metadata(tenant)

    async def caller(number: int) -> None:
        method = channels[number % len(channels)].unary_unary(simulated.PATH)
        while time.monotonic() < until:
            number += in_flight
            try:
                simulated.check(number, await method(simulated.request(number), timeout=30, metadata=metadata))
                codes["OK"] += 1
            except grpc.aio.AioRpcError as error:
                codes[error.code().name] += 1
            except simulated.WrongReply:
                codes["WRONG_REPLY"] += 1
            if done is not None:
                done.append(time.monotonic())

    await asyncio.gather(*(caller(number) for number in range(in_flight)))
    return codes
