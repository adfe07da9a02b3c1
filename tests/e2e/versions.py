# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Workers with two versions of one model that answer differently, and calls in flight that say which one answered."""

import asyncio
import contextlib
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import grpc
from argosy.tabular.v1 import tabular_pb2

from tests.support.envoy import Gateway
from tests.support.models import add_model
from tests.support.worker import WorkerProcess, run_worker

PREDICT = "/argosy.tabular.v1.TabularService/Predict"
MODEL = "scale"
#: What each version multiplies by.
FACTORS = {1: 2.0, 2: 3.0}
YAML = """
methods: [Predict]
default_for: [Predict]
version_policy: {all: true}
tabular:
  input: x
  output: y
  task: regression
  features: [{name: a}, {name: b}, {name: c}, {name: d}]
"""


def add_versions(repository: Path, *versions: int, yaml: str = YAML) -> Path:
    """Adds the model with these versions; returns the repository."""
    for index, version in enumerate(versions):
        add_model(repository, MODEL, "" if index else yaml, version=version, factor=FACTORS[version])
    return repository


class Replicas:
    """Workers of one repository, named replica-0 and so on; each may end and be started again on its port."""

    def __init__(self, repository: Path, *options: str) -> None:
        self.workers: dict[int, WorkerProcess] = {}
        self._repository = repository
        self._options = options
        self._stack = contextlib.ExitStack()

    @property
    def addresses(self) -> list[tuple[str, str]]:
        """For the fleet document."""
        return [("tabular", worker.address) for worker in self.workers.values()]

    def start(self, which: int) -> None:
        """Starts one, again on its port where it was there before; returns once it serves."""
        port = self.workers[which].port if which in self.workers else 0
        worker = run_worker("tabular", self._repository, "--replica", f"replica-{which}", *self._options, port=port)
        self.workers[which] = self._stack.enter_context(worker)

    def close(self) -> None:
        """Stops all."""
        self._stack.close()


@contextlib.contextmanager
def run_replicas(repository: Path, count: int, *options: str) -> Iterator[Replicas]:
    """Runs so many workers."""
    replicas = Replicas(repository, *options)
    try:
        for which in range(count):
            replicas.start(which)
        yield replicas
    finally:
        replicas.close()


@dataclass
class Load:
    """Outcomes of calls so far. A call that is answered with another version's result is a failure."""

    codes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    versions: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    places: dict[str, list[str]] = field(default_factory=dict)
    """Replicas that answered each session, in the order of the answers, repetitions left out."""

    @property
    def total(self) -> int:
        """Calls that have ended."""
        return sum(self.codes.values())

    def forget(self) -> None:
        """Counts versions and times anew."""
        self.versions.clear()
        self.seconds.clear()

    @property
    def median_s(self) -> float:
        """Time of half of the calls at most, in seconds."""
        return statistics.median(self.seconds)

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Waits until a condition holds."""
        try:
            async with asyncio.timeout(60):
                while not condition():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"waited for {what}: {self.codes} {self.versions} {self.failures[:3]}") from None

    async def more(self, count: int) -> None:
        """Waits until so many further calls have ended."""
        wanted = self.total + count
        await self.until(lambda: self.total >= wanted, f"{count} calls")

    def note(self, session: str, replica: str) -> None:
        """Takes note of where a session was answered."""
        places = self.places.setdefault(session, [])
        if not places or places[-1] != replica:
            places.append(replica)


@dataclass(frozen=True)
class Caller:
    """One caller: calls again as soon as it has its answer."""

    version: str = ""
    """What its messages name."""
    session: str = ""
    named: bool = True
    """Whether it sends x-model."""

    async def call(self, channel: grpc.aio.Channel, load: Load, deadline_s: float) -> None:
        """Makes one call."""
        row = tabular_pb2.Row(values=[1, 1, 1, 1])
        request = tabular_pb2.PredictRequest(rows=[row], version=self.version, model="" if self.named else MODEL)
        metadata = [("x-model", MODEL)] if self.named else []
        metadata += [("argosy-session", self.session)] if self.session else []
        began = time.monotonic()
        call = channel.unary_unary(PREDICT)(request.SerializeToString(), metadata=metadata, timeout=deadline_s)
        code = await call.code()
        load.codes[code.name] += 1
        load.seconds.append(time.monotonic() - began)
        if code is not grpc.StatusCode.OK:
            load.failures.append(f"{time.strftime('%T')} {code.name}: {await call.details()}")
            return
        answer = tabular_pb2.PredictResponse.FromString(await call)
        load.versions[int(answer.version)] += 1
        trailers = dict(await call.trailing_metadata())
        found = answer.predictions[0].values[0]
        if (found, trailers["argosy-version"]) != (FACTORS[int(answer.version)], answer.version):
            load.failures.append(f"version {answer.version} answered {found}")
        if self.session:
            load.note(self.session, str(trailers["argosy-replica"]))


@contextlib.asynccontextmanager
async def in_flight(gateway: Gateway, callers: Sequence[Caller], deadline_s: float = 10.0) -> AsyncIterator[Load]:
    """Keeps a call of each caller in flight throughout the block, on one connection; all have ended after it."""
    load, stop = Load(), asyncio.Event()

    async def keep_calling(channel: grpc.aio.Channel, caller: Caller) -> None:
        while not stop.is_set():
            await caller.call(channel, load, deadline_s)

    options = (("grpc.use_local_subchannel_pool", 1),)
    async with grpc.aio.insecure_channel(gateway.address, options=options) as channel:
        running = [asyncio.create_task(keep_calling(channel, caller)) for caller in callers]
        try:
            yield load
        finally:
            stop.set()
            await asyncio.gather(*running)
