# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""B2: how much of a device's limit is delivered when enough calls are in flight."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from bench import generator, simulated, simulated_fleet
from bench.generator import Outcome
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
        ask = replace(simulated.ask(fleet.gateway), in_flight=IN_FLIGHT, seconds=seconds / rounds)
        await generator.drive(generator.lasting(ask, WARM_UP_S))
        parts: list[Outcome] = []
        cores: list[float] = []
        for number in range(1, rounds + 1):
            progress(f"part {number} of {rounds}")
            before = fleet.process.cpu_seconds()
            part = await generator.drive(ask)
            cores.append((fleet.process.cpu_seconds() - before) / part.seconds)
            parts.append(part)
    rate = spread(part.per_second for part in parts)
    share = spread(part.per_second / DEVICE.limit for part in parts)
    codes = sum((part.codes for part in parts), Counter[str]())
    failures = tuple(f"{count} calls ended {code}" for code, count in codes.items() if code != "OK")
    return Section(
        "b2",
        Table(
            "B2: throughput on a simulated accelerator",
            ("device", "limit/s", "answered/s", "share of limit", "calls", "worker's core"),
            (
                (
                    *(str(DEVICE), f"{DEVICE.limit:,.0f}", rate.text(0), share.text(3), f"{codes.total():,}"),
                    spread(cores).text(2),
                ),
            ),
            (
                f"Through the gateway, {IN_FLIGHT} calls in flight, {seconds:g} s; each reply checked. Worker's core: "
                "its processor time as a share of one core; near 1 the processor was the limit, not the device.",
            ),
        ),
        (Bound("share of the device's limit", share, LEAST_SHARE, at_least=True),),
        [
            {"answered_per_s": part.per_second, "codes": dict(part.codes), "core": core}
            for part, core in zip(parts, cores, strict=True)
        ],
        failures,
    )
