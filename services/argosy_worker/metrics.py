# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Prometheus metrics of a worker. Names follow Prometheus's conventions: base units, ``_total`` for counters.

What a call has to do for them is to be noted. Notes are counted in plain numbers, many at a time while the code and
data for that are in the processor's caches, and the numbers become Prometheus's families only when they are scraped:
five locked counters and histograms on every call would be a good part of what a small one costs.
"""

import threading
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Gauge, ProcessCollector
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ITEMS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0)
#: Calls that are noted before they are counted.
_NOTES = 256
_LABELS = ("domain", "method", "model", "version")


class Metrics:
    """All metrics of one worker, in a registry of their own."""

    def __init__(self, domain: str) -> None:
        self.registry = CollectorRegistry()
        self._domain = domain
        self._calls = _Calls(domain)
        self.registry.register(self._calls)
        ProcessCollector(registry=self.registry)

    def observe(
        self,
        method: str,
        model: str,
        version: int,
        code: str,
        total_s: float,
        decode_s: float,
        queue_s: float,
        compute_s: float,
        batch: int,
        *,
        shadow: bool = False,
    ) -> None:
        """Counts one call, or one copy of a call. Times in seconds; ``batch`` is 0 for a call that ran nothing.

        On the event loop only.
        """
        self._calls.note(_Note(method, model, version, shadow, code, total_s, decode_s, queue_s, compute_s, batch))

    def information(self, version: str, replica: str) -> None:
        """Publishes what runs here."""
        gauge = Gauge("argosy_worker_info", "Always 1.", ("domain", "version", "replica"), registry=self.registry)
        gauge.labels(self._domain, version, replica).set(1)


class _Note(NamedTuple):
    """One call; fields as of :meth:`Metrics.observe`."""

    method: str
    model: str
    version: int
    shadow: bool
    code: str
    total_s: float
    decode_s: float
    queue_s: float
    compute_s: float
    batch: int


class _Histogram:
    """Counts of values up to each bound, and of those above the last."""

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    def buckets(self) -> list[tuple[str, float]]:
        """Upper bounds as Prometheus writes them, with the count of values up to each."""
        names = [*map(str, self.bounds), "+Inf"]
        return list(zip(names, map(float, accumulate(self.counts)), strict=True))


@dataclass(slots=True)
class _Series:
    """Calls of one method on one version of a model."""

    codes: dict[str, int] = field(default_factory=dict)
    """Calls by gRPC status."""
    total: _Histogram = field(default_factory=lambda: _Histogram(_SECONDS))
    decode: _Histogram = field(default_factory=lambda: _Histogram(_SECONDS))
    queue: _Histogram = field(default_factory=lambda: _Histogram(_SECONDS))
    compute: _Histogram = field(default_factory=lambda: _Histogram(_SECONDS))
    batch: _Histogram = field(default_factory=lambda: _Histogram(_ITEMS))


class _Calls(Collector):
    """Every call so far."""

    def __init__(self, domain: str) -> None:
        self._domain = domain
        self._series: dict[tuple[str, str, int, bool], _Series] = {}
        self._notes: deque[_Note] = deque()
        self._counting = threading.Lock()

    def note(self, note: _Note) -> None:
        """Takes note of a call."""
        self._notes.append(note)
        if len(self._notes) >= _NOTES:
            self._count()

    def _count(self) -> None:
        """Counts what was noted. On the event loop, or in the thread of whoever scrapes."""
        with self._counting:
            while self._notes:
                note = self._notes.popleft()
                key = note[:4]
                series = self._series.get(key) or self._series.setdefault(key, _Series())
                series.codes[note.code] = series.codes.get(note.code, 0) + 1
                series.total.observe(note.total_s)
                if note.batch:
                    series.decode.observe(note.decode_s)
                    series.queue.observe(note.queue_s)
                    series.compute.observe(note.compute_s)
                    series.batch.observe(note.batch)

    def collect(self) -> Iterator[CounterMetricFamily | HistogramMetricFamily]:
        """Reads all counts; the event loop may count on meanwhile."""
        self._count()
        requests = CounterMetricFamily("argosy_requests", "Calls answered, by gRPC status.", labels=(*_LABELS, "code"))
        total = HistogramMetricFamily("argosy_request_seconds", "From arrival to answer.", labels=_LABELS)
        decode = HistogramMetricFamily(
            "argosy_decode_seconds",
            "From arrival until an engine was asked for: parsing, checking, decoding.",
            labels=_LABELS,
        )
        queue = HistogramMetricFamily("argosy_queue_seconds", "Waiting for an engine.", labels=_LABELS)
        compute = HistogramMetricFamily("argosy_compute_seconds", "Run of the engine.", labels=_LABELS)
        batch = HistogramMetricFamily("argosy_batch_items", "Items in the run that answered.", labels=_LABELS)
        shadows = CounterMetricFamily(
            "argosy_shadow_requests",
            "Copies of calls, by gRPC status; they are not in argosy_requests.",
            labels=(*_LABELS, "code"),
        )
        shadow_total = HistogramMetricFamily(
            "argosy_shadow_request_seconds", "From arrival of a copy of a call to its answer.", labels=_LABELS
        )
        shadow_compute = HistogramMetricFamily(
            "argosy_shadow_compute_seconds", "Run of the engine for copies of calls.", labels=_LABELS
        )
        for (method, model, version, shadow), series in list(self._series.items()):
            values = (self._domain, method, model, str(version) if version else "")
            for code, count in list(series.codes.items()):
                (shadows if shadow else requests).add_metric((*values, code), count)
            measured = (
                ((shadow_total, series.total), (shadow_compute, series.compute))
                if shadow
                else (
                    (total, series.total),
                    (decode, series.decode),
                    (queue, series.queue),
                    (compute, series.compute),
                    (batch, series.batch),
                )
            )
            for family, histogram in measured:
                family.add_metric(values, histogram.buckets(), histogram.sum)
        yield from (requests, total, decode, queue, compute, batch, shadows, shadow_total, shadow_compute)
