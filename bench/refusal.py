# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls that are refused on arrival: a device that takes much longer than their deadline allows."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench import servers, simulated
from bench.generator import Ask
from bench.servers import Worker
from bench.simulated import Device

DEVICE = Device(1000, 0, 1)
DEADLINE_S = 0.5
#: Overload is UNAVAILABLE in V2. Once in a second the scheduler tries an idle device, whatever it predicts: late here.
EXPECTED = ("UNAVAILABLE", "DEADLINE_EXCEEDED")


@contextmanager
def worker(folder: Path, core: int) -> Iterator[Worker]:
    """Runs a worker with the device."""
    DEVICE.write(folder / "models")
    with servers.worker(folder, folder / "models", core) as endpoint:
        yield endpoint


def ask(address: str) -> Ask:
    """Asks for what cannot be in time."""
    return replace(simulated.ask(address), mark=-1, deadline_s=DEADLINE_S)
