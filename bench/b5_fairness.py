# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""B5: tenants: a light one beside a backlogged one, two backlogged ones, and one alone."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from bench import generator, simulated, simulated_fleet
from bench.generator import Ask
from bench.report import Section, Table
from bench.simulated import Device
from bench.stats import Bound, spread

DEVICE = Device(5, 0.25, 64)
BACKLOG = 256
"""Calls that a backlogged tenant keeps in flight."""
LIGHT_RATE = 20.0
"""Calls of the light tenant in a second."""
LIGHT_LIMIT_MS = 2e3 * DEVICE.full_batch_s + 10
WINDOW_S = 10
DEADLINE_S = 30.0


async def run(seeds: int, seconds: float, progress: Callable[[str], None]) -> Section:
    """Measures each situation ``seeds`` times for ``seconds``, on the worker's own port."""
    lights: list[float] = []
    queued: list[float] = []
    shares: list[float] = []
    alone: list[float] = []
    async with simulated_fleet.fifo(DEVICE) as fifo, simulated_fleet.fleet(DEVICE) as fleet:
        await generator.drive(_backlog(fleet.worker, "", 1.0))
        for seed in range(1, seeds + 1):
            progress(f"a light tenant, seed {seed}")
            lights.append(await _light_p99_ms(fleet.worker, seconds, seed))
            queued.append(await _light_p99_ms(fifo, seconds, seed))
            progress(f"two backlogged tenants, seed {seed}")
            shares += await _shares(fleet.worker, max(seconds, WINDOW_S))
            progress(f"one tenant alone, seed {seed}")
            outcome = await generator.drive(_backlog(fleet.worker, "one", seconds))
            alone.append(outcome.per_second / DEVICE.limit)
    light, baseline, share, unused = spread(lights), spread(queued), spread(shares), spread(alone)
    farthest = spread(abs(value - 0.5) for value in shares)
    rows = (
        ("light tenant's p99, ms", light.text(1), f"<= {LIGHT_LIMIT_MS:g}"),
        ("the same, first in first out", baseline.text(1), f"> {LIGHT_LIMIT_MS:g}"),
        (f"share of one of two equal tenants in each {WINDOW_S:g} s", share.text(3), "0.45 to 0.55"),
        ("one tenant alone, share of limit", unused.text(3), ">= 0.95"),
    )
    bounds = (
        Bound("light tenant's p99, ms", light, LIGHT_LIMIT_MS),
        Bound("the same where first in is first out, ms", baseline, LIGHT_LIMIT_MS, at_least=True),
        Bound("two equal tenants: farthest from one half", farthest, 0.05),
        Bound("one tenant alone: share of limit", unused, 0.95, at_least=True),
    )
    notes = (
        f"Device {DEVICE}; backlogged tenants keep {BACKLOG} calls in flight, the light one sends {LIGHT_RATE:g}/s; "
        f"{seeds} seeds of {seconds:g} s each, median (min-max).",
    )
    table = Table("B5: fairness between tenants", ("measure", "measured", "wanted"), rows, notes)
    rounds = {"light_p99_ms": lights, "fifo_p99_ms": queued, "shares": shares, "alone": alone}
    return Section("b5", table, bounds, rounds)


def _backlog(address: str, tenant: str, seconds: float) -> Ask:
    return replace(simulated.ask(address, tenant), in_flight=BACKLOG, seconds=seconds, deadline_s=DEADLINE_S)


async def _light_p99_ms(address: str, seconds: float, seed: int) -> float:
    light = replace(simulated.ask(address, "light"), rate=LIGHT_RATE, seconds=seconds, deadline_s=DEADLINE_S, seed=seed)
    outcome, _ = await asyncio.gather(
        generator.drive(light), generator.drive(_backlog(address, "heavy", seconds + 1.0))
    )
    return outcome.p99_s * 1e3


async def _shares(address: str, seconds: float) -> list[float]:
    """Returns one tenant's part of what two were answered, in each full window."""
    one, two = await asyncio.gather(*(generator.drive(_backlog(address, tenant, seconds)) for tenant in ("one", "two")))
    windows = [slice(start, start + WINDOW_S) for start in range(0, int(seconds) // WINDOW_S * WINDOW_S, WINDOW_S)]
    answered = [(sum(one.answered_per_second[window]), sum(two.answered_per_second[window])) for window in windows]
    return [mine / max(mine + others, 1) for mine, others in answered]
