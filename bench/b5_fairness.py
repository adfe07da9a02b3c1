# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""B5: tenants: a light one beside a backlogged one, two backlogged ones, and one alone."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

from bench import generator, scheduler_alone, simulated, simulated_fleet
from bench.generator import Ask
from bench.report import Section, Table
from bench.simulated import Device
from bench.stats import Bound, spread

BACKLOG = 256
"""Calls that a backlogged tenant keeps in flight."""
LIGHT_RATE = 20.0
"""Calls of the light tenant in a second."""
WINDOW_S = 10
DEADLINE_S = 30.0
VIRTUAL_S = 20.0

#: The second one's calls take most of the worker's core.
DEVICES = (Device(10, 0.5, 64), Device(5, 0.25, 64))


@dataclass(slots=True)
class Measured:
    """Rounds on one device."""

    alone_ms: float
    """The light tenant's p99 in virtual time, in milliseconds."""
    lights_ms: list[float] = field(default_factory=list)
    queued_ms: list[float] = field(default_factory=list)
    """The light tenant's p99 where first in is first out."""
    shares: list[float] = field(default_factory=list)
    unused: list[float] = field(default_factory=list)
    """What one tenant alone was answered, as a share of the device's limit."""
    cores: list[float] = field(default_factory=list)
    """Processor time of the worker beside the light tenant and the backlogged one, in cores."""


def in_virtual_time() -> dict[Device, float]:
    """The light tenant's p99 in virtual time, in milliseconds. No event loop may be running."""
    return {device: 1e3 * scheduler_alone.beside(device, BACKLOG, LIGHT_RATE, VIRTUAL_S) for device in DEVICES}


def limit_ms(device: Device) -> float:
    """What 99 of 100 calls of the light tenant may take at most, in milliseconds: two full batches and 10 ms."""
    return 2e3 * device.full_batch_s + 10


async def run(seeds: int, seconds: float, progress: Callable[[str], None], alone: dict[Device, float]) -> Section:
    """Measures each situation ``seeds`` times for ``seconds``, on the worker's own port.

    ``alone`` is what :func:`in_virtual_time` returned.
    """
    found = {device: Measured(alone[device]) for device in DEVICES}
    for device, measured in found.items():
        async with simulated_fleet.fifo(device, roams=True) as fifo, simulated_fleet.fleet(device, roams=True) as fleet:
            await generator.drive(_backlog(fleet.worker, "", 1.0))
            for seed in range(1, seeds + 1):
                progress(f"{device}: a light tenant, seed {seed}")
                before = fleet.process.cpu_seconds()
                measured.lights_ms.append(await _light_p99_ms(fleet.worker, seconds, seed))
                after = fleet.process.cpu_seconds()
                measured.cores.append((after - before) / (seconds + 1.0))
                measured.queued_ms.append(await _light_p99_ms(fifo, seconds, seed))
                progress(f"{device}: two backlogged tenants, seed {seed}")
                measured.shares += await _shares(fleet.worker, max(seconds, WINDOW_S))
                progress(f"{device}: one tenant alone, seed {seed}")
                outcome = await generator.drive(_backlog(fleet.worker, "one", seconds))
                measured.unused.append(outcome.per_second / device.limit)
    return _section(found, seeds, seconds)


def _section(found: dict[Device, Measured], seeds: int, seconds: float) -> Section:
    rows: list[tuple[str, ...]] = []
    bounds: list[Bound] = []
    for device, measured in found.items():
        name = str(device)
        light, queued = spread(measured.lights_ms), spread(measured.queued_ms)
        share, unused = spread(measured.shares), spread(measured.unused)
        rows.append(
            (
                *(name, light.text(1), f"{measured.alone_ms:.1f}", f"{limit_ms(device):g}", queued.text(1)),
                *(share.text(3), unused.text(3), spread(measured.cores).text(2)),
            )
        )
        farthest = spread(abs(value - 0.5) for value in measured.shares)
        bounds += [
            Bound(f"{name}: light tenant's p99, ms", light, limit_ms(device)),
            Bound(f"{name}: the same in virtual time, ms", spread([measured.alone_ms]), limit_ms(device)),
            Bound(f"{name}: the same where first in is first out, ms", queued, limit_ms(device), at_least=True),
            Bound(f"{name}: two equal tenants, farthest from one half", farthest, 0.05),
            Bound(f"{name}: one tenant alone, share of limit", unused, 0.95, at_least=True),
        ]
    columns = (
        "device",
        "light p99 ms",
        "in virtual time",
        "two full batches + 10 ms",
        "first in first out",
        f"share of one of two, each {WINDOW_S:g} s",
        "one alone / limit",
        "worker's cores",
    )
    notes = (
        f"Backlogged tenants keep {BACKLOG} calls in flight, the light one sends {LIGHT_RATE:g}/s; {seeds} seeds of "
        f"{seconds:g} s each, on the worker's own port; median (min-max). Virtual time: nothing but the device takes "
        "time. The servers may use both cores, of which the load generator shares one. Worker's cores: its processor "
        "time beside light and backlogged tenant, in cores.",
        f"{DEVICES[-1]}: {DEVICES[-1].limit:,.0f} calls/s take most of a core. A call that waits for it waits before "
        "the scheduler has heard of it, so that tenants have turns where calls are accepted, too "
        "(docs/decisions/0073). On one core alone each trip between gRPC's threads and the event loop may take until "
        "the system's next tick, some milliseconds.",
    )
    table = Table("B5: fairness between tenants", columns, tuple(rows), notes)
    rounds = [{"device": str(device), **asdict(measured)} for device, measured in found.items()]
    return Section("b5", table, tuple(bounds), rounds)


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
