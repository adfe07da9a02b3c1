# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Exact search through an index of items: the worker's own code, against the product of vectors alone."""

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
from argosy_worker.domains._shared.graph import Port
from argosy_worker.domains.recommendation.catalogue import Items, Users
from argosy_worker.domains.recommendation.codec import RecommendationCodec
from argosy_worker.domains.recommendation.filters import Condition, read_attribute
from argosy_worker.domains.recommendation.scoring import IndexScoring

from bench.report import Section, Table
from bench.stats import spread

#: Items of the indexes; the last is what docs/decisions/0050-exact-item-search.md rests on.
SIZES = (10_000, 100_000, 1_000_000)
DIMENSIONS, TOP = 64, 10
#: Items of the history, which are left out, and values of the attribute that filters.
MET, VALUES = 50, 20
_COLUMNS = (
    "items",
    "MB",
    "one search, ms",
    "p99, ms",
    "with a filter, ms",
    "product alone, ms",
    "searches/s, a thread each core",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One round on one index; times in seconds, medians but for ``slow_s``, the 99th percentile."""

    items: int
    megabytes: float
    search_s: float
    slow_s: float
    filtered_s: float
    product_s: float
    per_second: float


def run(rounds: int, seconds: float, progress: Callable[[str], None], sizes: Sequence[int] = SIZES) -> Section:
    """Searches each index over and over, ``rounds`` times; ``seconds`` is the length of each way in a round."""
    measured: list[list[Sample]] = [[] for _ in range(rounds)]
    for count in sizes:
        codec = index(count)
        for number, samples in enumerate(measured, start=1):
            progress(f"{count:,} items: round {number} of {rounds}")
            samples.append(_sample(codec, seconds))
    rows = tuple(_row(samples) for samples in zip(*measured, strict=True))
    notes = (
        f"Vectors of {DIMENSIONS} random numbers in FP32, the best {TOP} by exact product without the {MET} items of a "
        f"history; the filter leaves one item in {VALUES}. Median (min-max) of {rounds} rounds of {seconds:g} s, each "
        f"search with another user; one search has one thread, of {len(os.sched_getaffinity(0))} cores.",
        "The product alone is numpy's vectors @ user, for which BLAS may use all cores. The last column runs whole "
        "searches in as many threads as there are cores.",
    )
    return Section(
        "search",
        Table("Exact search of items", _COLUMNS, rows, notes),
        rounds=[[asdict(sample) for sample in samples] for samples in measured],
    )


def index(count: int) -> RecommendationCodec:
    """An index of so many items with random vectors and one attribute of even values."""
    random = np.random.default_rng(count)
    vectors = random.standard_normal((count, DIMENSIONS), np.float32)
    ids = tuple(map(str, range(count)))
    attributes = {"kind": read_attribute(map(str, random.integers(0, VALUES, count)))}
    floats = np.dtype(np.float32)
    scoring = IndexScoring(Port("history", floats, (-1, DIMENSIONS)), Port("weights", floats, (-1,)), "user", vectors)
    items = Items(ids, ("",) * count, {}, attributes, None, vectors)
    return RecommendationCodec(items, Users((), {}), scoring, "", "", None)


def _sample(codec: RecommendationCodec, seconds: float) -> Sample:
    vectors = codec.scoring.vectors if isinstance(codec.scoring, IndexScoring) else np.zeros((1, 1), np.float32)
    random = np.random.default_rng(0)
    users = random.standard_normal((64, DIMENSIONS), np.float32)
    met = random.integers(0, len(vectors), MET)
    kind = Condition(codec.items.attributes["kind"], frozenset(["7"]))

    def search(number: int, conditions: Sequence[Condition] = ()) -> None:
        codec.search(partial(codec.scoring.scores, users[number % len(users)]), TOP, met, conditions)

    found = _times(search, seconds)
    return Sample(
        items=len(vectors),
        megabytes=vectors.nbytes / 1e6,
        search_s=float(np.median(found)),
        slow_s=float(np.quantile(found, 0.99)),
        filtered_s=float(np.median(_times(lambda number: search(number, [kind]), seconds))),
        product_s=float(np.median(_times(lambda number: vectors @ users[number % len(users)], seconds))),
        per_second=_together(search, seconds),
    )


def _times(work: Callable[[int], object], seconds: float) -> list[float]:
    """Seconds of each call, over and over."""
    times: list[float] = []
    end = time.monotonic() + seconds
    while not times or time.monotonic() < end:
        started = time.perf_counter()
        work(len(times))
        times.append(time.perf_counter() - started)
    return times


def _together(work: Callable[[int], object], seconds: float) -> float:
    """Calls in a second by a thread for each core."""
    threads = len(os.sched_getaffinity(0))
    begin = threading.Barrier(threads)

    def repeat() -> float:
        begin.wait()
        times = _times(work, seconds)
        return len(times) / sum(times)

    with ThreadPoolExecutor(threads) as pool:
        return sum(future.result() for future in [pool.submit(repeat) for _ in range(threads)])


def _row(samples: Sequence[Sample]) -> tuple[str, ...]:
    first = samples[0]

    def in_ms(seconds: Callable[[Sample], float]) -> str:
        return spread(seconds(sample) * 1e3 for sample in samples).text(2)

    return (
        f"{first.items:,}",
        f"{first.megabytes:.1f}",
        in_ms(lambda sample: sample.search_s),
        in_ms(lambda sample: sample.slow_s),
        in_ms(lambda sample: sample.filtered_s),
        in_ms(lambda sample: sample.product_s),
        spread(sample.per_second for sample in samples).text(0),
    )
