# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Real requests in flight while something happens, with every status counted."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc

from tests.e2e.requests import GOOD, check_answer
from tests.e2e.wire import finish, open_channel
from tests.support.envoy import wait_for

SAMPLE = GOOD["vision"]


class Load:
    """Outcomes of calls so far; answers are compared with the known one."""

    def __init__(self) -> None:
        self.codes: Counter[str] = Counter()
        self.replicas: Counter[str] = Counter()
        self.failures: list[str] = []
        self._lock = threading.Lock()

    @property
    def total(self) -> int:
        """Calls that have ended."""
        return sum(self.codes.values())

    def more(self, count: int) -> None:
        """Waits until so many further calls have ended."""
        wanted = self.total + count
        wait_for(lambda: self.total >= wanted, f"{count} calls", seconds=60)

    def answers_from(self, replica: str) -> None:
        """Waits for a further answer of a replica."""
        before = self.replicas[replica]
        wait_for(lambda: self.replicas[replica] > before, f"an answer of {replica}", seconds=60)

    def keep_calling(self, channel: grpc.Channel, deadline_s: float, stop: threading.Event) -> None:
        """One caller: calls again as soon as it has its answer."""
        request = SAMPLE.message().SerializeToString()
        method = channel.unary_unary(SAMPLE.path)
        while not stop.is_set():
            outcome = finish(method.future(request, metadata=(("x-model", "digits"),), timeout=deadline_s))
            with self._lock:
                self.codes[outcome.code.name] += 1
                self.replicas[str(outcome.trailers.get("argosy-replica", ""))] += 1
                if outcome.code is not grpc.StatusCode.OK:
                    self.failures.append(f"{time.strftime('%T')} {outcome.code.name}: {outcome.details}")
            if outcome.code is grpc.StatusCode.OK:
                check_answer(SAMPLE, outcome)


@contextlib.contextmanager
def in_flight(address: str, concurrency: int, deadline_s: float = 10.0) -> Iterator[Load]:
    """Keeps ``concurrency`` calls of the model digits in flight throughout the block; all have ended after it."""
    load, stop = Load(), threading.Event()
    with open_channel(address) as channel, ThreadPoolExecutor(concurrency) as pool:
        callers = [pool.submit(load.keep_calling, channel, deadline_s, stop) for _ in range(concurrency)]
        try:
            yield load
        finally:
            stop.set()
    for caller in callers:
        caller.result()
