# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""B4: real models on the CPU, through the gateway, against ONNX Runtime in a loop with the same threads."""

import math
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

from bench import bare_loop, each_once, procs, scrape, servers, workloads
from bench.bare_loop import BareLoop
from bench.each_once import Outcome
from bench.procs import ServerFailed
from bench.report import Section, Table
from bench.stats import Bound, Spread, spread
from bench.text_encoder import TextEncoder
from bench.workloads import Batch, Workload

GATEWAY = "gateway"
_ENGINE = "argosy_engine_seconds_total"
ONE, BATCHES, PADDED, SORTED = "bare, one by one", "bare, batches", "bare, padded to 256", "bare, sorted by length"
LEAST_CNN, LEAST_ENCODER = 0.95, 1.5
CNN_BATCH, ENCODER_BATCH, LONGEST = 4, 8, 256
#: Lengths share a batch where they are in the same step. On a CPU small batches are as good as large ones.
STEP = 16
IMAGES, TEXTS = 32, 256
CONNECTIONS = 4
#: Most rounds, and how much longer a turn is than others': at the begin and the end of one, batches are not full.
MOST_ROUNDS, LONGER = 9, 3.0


@dataclass(slots=True)
class Measured:
    """One model: items in a second of each way to run it, in each round."""

    model: str
    rates: dict[str, list[float]] = field(default_factory=dict)
    """Those of the bare loop have one more: each turn of the gateway is between two of the loop."""
    busy: list[float] = field(default_factory=list)
    """Part of the gateway's turn in which the engine ran: what is missing to 1 is what serving costs it."""
    wrong: list[str] = field(default_factory=list)

    def ratio(self, *bare: str) -> Spread:
        """The gateway's rate, round by round, against the best of these: of the turns before and after, the mean."""
        around = ([sum(pair) / 2 for pair in pairwise(self.rates[name])] for name in bare)
        best = (max(rates) for rates in zip(*around, strict=True))
        return spread(gateway / rate for gateway, rate in zip(self.rates[GATEWAY], best, strict=True))


async def run(rounds: int, seconds: float, progress: Callable[[str], None]) -> Section:
    """Measures both models, every way in turn, for about :data:`LONGER` times ``seconds`` each."""
    cores = len(os.sched_getaffinity(0))
    threads = bare_loop.threads_of(cores)
    execution = f"{{threads: {threads}}}"
    rounds = min(rounds, MOST_ROUNDS)
    cnn = workloads.images(18, IMAGES, CNN_BATCH, execution)
    ways = {
        ONE: partial(workloads.batches, cnn.items, 1),
        BATCHES: partial(workloads.batches, cnn.items, CNN_BATCH),
    }
    measured = [await _measure(cnn, ways, threads, 3 * CNN_BATCH, rounds, seconds, progress)]
    texts = workloads.texts(TextEncoder(), TEXTS, ENCODER_BATCH, STEP, LONGEST, execution)
    ways = {
        PADDED: partial(workloads.batches, texts.items, ENCODER_BATCH, LONGEST),
        SORTED: partial(workloads.batches, workloads.by_length(texts.items), ENCODER_BATCH),
    }
    measured.append(await _measure(texts, ways, threads, 8 * ENCODER_BATCH, rounds, seconds, progress))
    return _section(measured, threads, cores, rounds)


async def _measure(
    work: Workload,
    ways: Mapping[str, Callable[[], Sequence[Batch]]],
    threads: int,
    in_flight: int,
    rounds: int,
    seconds: float,
    progress: Callable[[str], None],
) -> Measured:
    measured = Measured(work.name, {name: [] for name in (*ways, GATEWAY)})
    _, core = procs.cores()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="argosy-bench-")))
        progress(f"{work.name}: starting")
        loop = BareLoop(work.write(folder / "models"), threads)
        expected = [loop.answer(item)[0] for item in work.items]
        worker = stack.enter_context(servers.worker(folder, folder / "models", None))
        gateway = stack.enter_context(servers.gateway(folder, worker, core, core))
        channels = await each_once.connect(stack, gateway.address, CONNECTIONS)
        requests, metadata = work.requests(), (("x-model", work.name),)

        async def ask(passes: int) -> Outcome:
            return await each_once.ask(
                channels,
                workloads.PATH,
                requests * passes,
                lambda number, reply: work.check(reply, expected[number % len(expected)]),
                in_flight,
                metadata,
            )

        await each_once.until_answered(channels[0], workloads.PATH, requests[0], metadata)
        first = await ask(1)
        if first.wrong:
            raise ServerFailed(f"{work.name}: {dict(first.wrong)}")
        passes = math.ceil(LONGER * seconds / first.seconds)

        def run_bare() -> None:
            for name, batches in ways.items():
                measured.rates[name].append(len(requests) * passes / sum(loop.seconds(batches) for _ in range(passes)))

        run_bare()
        for number in range(1, rounds + 1):
            progress(f"{work.name}: round {number} of {rounds}")
            before = scrape.totals(worker.metrics_address)[_ENGINE]
            with procs.on_core(core):
                outcome = await ask(passes)
            ran = scrape.totals(worker.metrics_address)[_ENGINE] - before
            measured.busy.append(ran / outcome.seconds)
            measured.rates[GATEWAY].append(outcome.right / outcome.seconds)
            measured.wrong += [f"{work.name}: {outcome.wrong}"] if outcome.wrong else []
            run_bare()
    return measured


def _section(measured: Sequence[Measured], threads: int, cores: int, rounds: int) -> Section:
    cnn, encoder = measured
    rows = tuple(
        (one.model, name, spread(rates).text(1), "" if name == GATEWAY else one.ratio(name).text(2))
        for one in measured
        for name, rates in one.rates.items()
    )
    notes = (
        f"Engine and bare loop compute with {threads} thread{'s' if threads > 1 else ''}, of {cores} cores. Generator, "
        "Envoy and control plane are kept to one core; the worker, engine included, may use all. The bare loop has the "
        "machine for itself.",
        "Part of the time in which the engine ran, through the gateway: "
        f"{', '.join(f'{one.model} {spread(one.busy).text(3)}' for one in measured)}. Where that is near 1 and the "
        "ratio is not, others had the processor: the engine's own runs took longer.",
        f"Each round runs every way over the same items, {rounds} rounds; median (min-max). A round's ratio is to the "
        "mean of the bare loop's turns before and after the gateway's, for the machine's pace changes. "
        "Each reply was compared with its own item's answer.",
        f"CNN: ResNet-18, images of 3 x 224 x 224 bytes, batches of {CNN_BATCH}, {3 * CNN_BATCH} calls in flight; the "
        "bound is against the better bare loop. "
        f"Encoder: 4 layers of 256, lengths even from 8 to {LONGEST}, batches of {ENCODER_BATCH}, buckets of {STEP}, "
        f"{8 * ENCODER_BATCH} calls in flight. Sorted by length is what nobody can do who does not have all texts at "
        f"hand: the gateway reaches {encoder.ratio(SORTED).text(2)} of it.",
    )
    return Section(
        "b4",
        Table("B4: real models on the CPU", ("model", "way", "items/s", "gateway / this"), rows, notes),
        (
            Bound("CNN: gateway / bare", cnn.ratio(ONE, BATCHES), LEAST_CNN, at_least=True),
            Bound("encoder: gateway / bare padded to maximum", encoder.ratio(PADDED), LEAST_ENCODER, at_least=True),
        ),
        [{"model": one.model, "items_per_s": one.rates} for one in measured],
        tuple(text for one in measured for text in one.wrong),
    )
