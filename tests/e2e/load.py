# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Real requests in flight while something happens, with every status counted."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import grpc

from tests.e2e.requests import GOOD, check_answer
from tests.e2e.wire import Outcome, finish, open_channel
from tests.support.envoy import wait_for

SAMPLE = GOOD["vision"]


@dataclass(frozen=True)
class Question:
    """What callers ask of a model, and what fails unless an answer is the right one."""

    path: str
    request: bytes
    model: str
    check: Callable[[Outcome], None]


DIGITS = Question(SAMPLE.path, SAMPLE.message().SerializeToString(), "digits", partial(check_answer, SAMPLE))


class Load:
    """Outcomes of calls so far; answers are compared with the known one."""

    def __init__(self) -> None:
        self.codes: Counter[str] = Counter()
        self.replicas: Counter[str] = Counter()
        self.versions: Counter[str] = Counter()
        self.failures: list[str] = []
        self.slowest_s = 0.0
        """Duration of the slowest call that ended since it was last set."""
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

    def keep_calling(self, channel: grpc.Channel, question: Question, deadline_s: float, stop: threading.Event) -> None:
        """One caller: calls again as soon as it has its answer."""
        method = channel.unary_unary(question.path)
        metadata = (("x-model", question.model),)
        while not stop.is_set():
            began = time.monotonic()
            outcome = finish(method.future(question.request, metadata=metadata, timeout=deadline_s))
            with self._lock:
                self.slowest_s = max(self.slowest_s, time.monotonic() - began)
                self.codes[outcome.code.name] += 1
                self.replicas[str(outcome.trailers.get("argosy-replica", ""))] += 1
                self.versions[str(outcome.trailers.get("argosy-version", ""))] += 1
                if outcome.code is not grpc.StatusCode.OK:
                    self.failures.append(f"{time.strftime('%T')} {outcome.code.name}: {outcome.details}")
            if outcome.code is grpc.StatusCode.OK:
                question.check(outcome)


@contextlib.contextmanager
def in_flight(address: str, concurrency: int, deadline_s: float = 10.0, question: Question = DIGITS) -> Iterator[Load]:
    """Keeps ``concurrency`` calls in flight throughout the block; all have ended after it."""
    load, stop = Load(), threading.Event()
    with open_channel(address) as channel, ThreadPoolExecutor(concurrency) as pool:
        callers = [pool.submit(load.keep_calling, channel, question, deadline_s, stop) for _ in range(concurrency)]
        try:
            yield load
        finally:
            stop.set()
    for caller in callers:
        caller.result()
