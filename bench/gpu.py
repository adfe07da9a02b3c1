# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m bench.gpu``: a worker on one GPU against ONNX Runtime in a loop, on a ResNet-50 and an encoder.

The worker is called directly, without a gateway. ``--provider cpu`` runs the same on the CPU, ``--small`` with small
models: to see that it runs.
"""

import argparse
import asyncio
import json
import math
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from bench import each_once, machine, report, servers, workloads
from bench.bare_loop import BareLoop, ProviderMissing
from bench.each_once import Outcome
from bench.procs import ServerFailed
from bench.report import Report, Section, Table
from bench.stats import Bound, spread
from bench.text_encoder import TextEncoder
from bench.workloads import Batch, Workload

AIM = 0.9
LONGEST, STEP = 256, 32
CONNECTIONS = 2
#: Batches that are asked for at a time: one runs, one is prepared, the others are on their way.
BATCHES_IN_FLIGHT = 6
WIDTH = 150


@dataclass(frozen=True, slots=True)
class Asker:
    """What each process of the generator does."""

    address: str
    work: Workload
    expected: Sequence[NDArray[np.float32]]
    in_flight: int

    def ask(self, passes: int) -> tuple[float, float, Outcome]:
        """Asks every item so many times; returns when it began and ended, on the monotonic clock, and what became."""
        return asyncio.run(self._ask(passes))

    async def _ask(self, passes: int) -> tuple[float, float, Outcome]:
        requests = self.work.requests() * passes
        async with AsyncExitStack() as stack:
            channels = await each_once.connect(stack, self.address, CONNECTIONS)
            await each_once.until_answered(channels[0], workloads.PATH, requests[0], ())
            began = time.monotonic()
            outcome = await each_once.ask(channels, workloads.PATH, requests, self._check, self.in_flight, ())
            return began, time.monotonic(), outcome

    def _check(self, number: int, reply: bytes) -> None:
        self.work.check(reply, self.expected[number % len(self.expected)])


@dataclass(frozen=True, slots=True)
class Case:
    """A model, and the loops that it is compared with, by name."""

    work: Workload
    loops: Mapping[str, "partial[list[Batch]]"]
    batch: int


def cases(provider: str, device: int, small: bool) -> list[Case]:
    """The models."""
    execution = f"{{providers: [cuda, cpu], device_ids: [{device}]}}" if provider == "cuda" else "{}"
    batch = 4 if small else 32
    images = workloads.images(18 if small else 50, 2 * batch, batch, execution)
    encoder = TextEncoder(1, 32, 2) if small else TextEncoder(12, 768, 12)
    texts = workloads.texts(encoder, 8 * batch, batch, STEP, LONGEST, execution)
    return [
        Case(images, {"bare, batches": partial(workloads.batches, images.items, batch)}, batch),
        Case(
            texts,
            {
                f"bare, padded to {LONGEST}": partial(workloads.batches, texts.items, batch, LONGEST),
                "bare, sorted by length": partial(workloads.batches, workloads.by_length(texts.items), batch),
            },
            batch,
        ),
    ]


def measure(case: Case, provider: str, rounds: int, seconds: float, processes: int) -> tuple[list[list[float]], str]:
    """Runs worker and loops in turn; returns the items/s of each in every round, the worker's last, and what was wrong.

    Raises:
        ProviderMissing: ONNX Runtime cannot start it.
        ServerFailed: the worker did not start.
    """
    work = case.work
    rates: list[list[float]] = []
    wrong: dict[str, int] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="argosy-bench-")))
        loop = BareLoop(work.write(folder / "models"), 1 if provider == "cuda" else os.cpu_count() or 1, provider)
        expected = [loop.answer(item)[0] for item in work.items]
        worker = stack.enter_context(servers.worker(folder, folder / "models", None))
        asker = Asker(worker.address, work, expected, math.ceil(BATCHES_IN_FLIGHT * case.batch / processes))
        # Not forked: a fork of a process that has used gRPC or CUDA may hang.
        pool = stack.enter_context(ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")))
        took = [_loop_seconds(loop, batches, 1) for batches in case.loops.values()]
        passes = max(math.ceil(seconds / min(took) / processes), 1)
        _ask(pool, asker, 1, processes)
        for _ in range(rounds):
            count = len(work.items) * passes * processes
            one = [count / _loop_seconds(loop, batches, passes * processes) for batches in case.loops.values()]
            elapsed, outcomes = _ask(pool, asker, passes, processes)
            one.append(sum(outcome.right for outcome in outcomes) / elapsed)
            rates.append(one)
            for outcome in outcomes:
                wrong |= outcome.wrong
    return rates, f"{work.name}: {wrong}" if wrong else ""


def _loop_seconds(loop: BareLoop, batches: "partial[list[Batch]]", passes: int) -> float:
    return sum(loop.seconds(batches) for _ in range(passes))


def _ask(pool: ProcessPoolExecutor, asker: Asker, passes: int, processes: int) -> tuple[float, list[Outcome]]:
    done = [pool.submit(asker.ask, passes) for _ in range(processes)]
    results = [each.result() for each in done]
    elapsed = max(ended for _, ended, _ in results) - min(began for began, _, _ in results)
    return elapsed, [outcome for _, _, outcome in results]


def run(provider: str, device: int, small: bool, rounds: int, seconds: float, processes: int) -> Section:
    """Measures every case; on the CPU nothing is promised."""
    rows, bounds, failures, figures = [], [], [], []
    for case in cases(provider, device, small):
        rates, wrong = measure(case, provider, rounds, seconds, processes)
        names = [*case.loops, "worker"]
        for index, name in enumerate(names):
            ratio = spread(one[-1] / one[index] for one in rates)
            last = name == "worker"
            cells = (case.work.name, name, spread(one[index] for one in rates).text(1))
            rows.append((*cells, "" if last else ratio.text(2)))
        first = spread(one[-1] / one[0] for one in rates)
        if provider == "cuda":
            bounds.append(Bound(f"{case.work.name}: worker / {names[0]}", first, AIM, at_least=True))
        failures += [wrong] if wrong else []
        figures.append({"model": case.work.name, "ways": names, "items_per_s": rates})
    notes = (
        f"Provider {provider}, device {device}; {rounds} rounds of about {seconds:g} s, {processes} processes ask; "
        "median (min-max), ratios within a round. Each reply was compared with its own item's answer.",
        f"The worker is called directly, {BATCHES_IN_FLIGHT} batches in flight. Lengths of texts are even from 8 to "
        f"{LONGEST}, buckets of {STEP}. The bare loop gives arrays to a session and takes arrays from it.",
    )
    table = Table("A worker on one device", ("model", "way", "items/s", "worker / this"), tuple(rows), notes)
    return Section("gpu", table, tuple(bounds), figures, tuple(failures))


def main(arguments: Sequence[str]) -> int:
    """Measures; 0 where the aim is reached, 1 where it is not, 2 where nothing could be measured."""
    options = _parser().parse_args(arguments)
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    try:
        section = run(
            options.provider, options.device, options.small, options.rounds, options.seconds, options.processes
        )
    except (ProviderMissing, ServerFailed) as error:
        console.print(f"bench.gpu: {error}", markup=False)
        return 2
    report.show(section, console)
    if options.json:
        done = Report(" ".join(["python -m bench.gpu", *arguments]), machine.describe(), [section])
        report.write_json(done, options.json)
        console.print(json.dumps({"written": str(options.json)}), markup=False)
    return 0 if section.passed else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.gpu", description="Compares a worker with a bare loop.")
    parser.add_argument("--provider", choices=("cuda", "cpu"), default="cuda", help="what computes; default cuda")
    parser.add_argument("--device", type=int, default=0, help="number of the GPU; default 0")
    parser.add_argument("--small", action="store_true", help="small models, to see that it runs")
    parser.add_argument("--rounds", type=int, default=5, help="rounds; default 5")
    parser.add_argument("--seconds", type=float, default=5.0, help="seconds of each turn; default 5")
    usual = max(min((os.cpu_count() or 1) // 4, 4), 1)
    parser.add_argument("--processes", type=int, default=usual, help=f"generator processes; here {usual}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round's figures")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
