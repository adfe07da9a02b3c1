# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The open-loop generator: calls leave at random times of a given rate, whether earlier ones were answered or not."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import grpc

from bench import simulated

#: Calls leave at most this much late; a generator that is later than that measures itself. In seconds.
GRAIN_S = 0.001


@dataclass(slots=True)
class Outcome:
    """What became of the calls of one run. Times in seconds."""

    seconds: float
    offered: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    in_time: list[tuple[float, float]] = field(default_factory=list)
    """When each call that was answered in time and with its own payload left, and how long it took."""
    refused_s: list[float] = field(default_factory=list)
    """How long each refusal took."""
    lag_s: float = 0.0
    """How late the generator itself was at its worst percent of calls."""

    def goodput(self) -> float:
        """Calls answered in time, in a second."""
        return len(self.in_time) / self.seconds

    def quantile_s(self, share: float) -> float:
        """Latency that this share of the calls answered in time did not exceed."""
        return quantile([took for _, took in self.in_time], share)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that a share of them does not exceed; 0 where there are none."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


async def drive(
    channels: Sequence[Any], rate: float, seconds: float, deadline_s: float, seed: int, tenant: str = ""
) -> Outcome:
    """Sends calls at Poisson times for a while and waits for their ends.

    Args:
        channels: Connections, used in turn.
        rate: Calls in a second.
        seconds: How long to send.
        deadline_s: Deadline of each call.
        seed: Of the random times.
        tenant: Tenant that the calls name.
    """
    chance = random.Random(seed)
    outcome = Outcome(seconds)
    methods = [channel.unary_unary(simulated.PATH) for channel in channels]
    metadata = simulated.metadata(tenant)
    lags: list[float] = []
    calls: set[asyncio.Task[None]] = set()
    start = time.monotonic()
    due = start
    while (due := due + chance.expovariate(rate)) < start + seconds:
        wait = due - time.monotonic()
        if wait > GRAIN_S / 10:
            await asyncio.sleep(wait)
        lags.append(time.monotonic() - due)
        method = methods[outcome.offered % len(methods)]
        task = asyncio.create_task(_call(method, outcome.offered, deadline_s, metadata, outcome, start))
        calls.add(task)
        task.add_done_callback(calls.discard)
        outcome.offered += 1
    await asyncio.gather(*calls)
    outcome.lag_s = quantile(lags, 0.99)
    return outcome


async def _call(method: Any, number: int, deadline_s: float, metadata: Any, outcome: Outcome, start: float) -> None:
    left = time.monotonic()
    try:
        reply = await method(simulated.request(number), timeout=deadline_s, metadata=metadata)
        took = time.monotonic() - left
        simulated.check(number, reply)
    except grpc.aio.AioRpcError as error:
        outcome.codes[error.code().name] += 1
        if error.code() in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE):
            outcome.refused_s.append(time.monotonic() - left)
    except simulated.WrongReply:
        outcome.codes["WRONG_REPLY"] += 1
    else:
        outcome.codes["OK" if took <= deadline_s else "OK_LATE"] += 1
        if took <= deadline_s:
            outcome.in_time.append((left - start, took))
