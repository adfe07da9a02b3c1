# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Prometheus metrics of a worker. Names follow Prometheus's conventions: base units, ``_total`` for counters."""

from collections.abc import Callable
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ITEMS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class _Series(NamedTuple):
    requests: Counter
    total: Histogram
    queue: Histogram
    compute: Histogram
    batch: Histogram


class Metrics:
    """All metrics of one worker, in a registry of their own."""

    def __init__(self, domain: str) -> None:
        self.registry = CollectorRegistry()
        self._domain = domain
        labels = ("domain", "method", "model", "version")
        self._requests = Counter(
            "argosy_requests", "Calls answered, by gRPC status.", (*labels, "code"), registry=self.registry
        )
        self._total = self._histogram("argosy_request_seconds", "From arrival to answer.", labels, _SECONDS)
        self._queue = self._histogram("argosy_queue_seconds", "Waiting for an engine.", labels, _SECONDS)
        self._compute = self._histogram("argosy_compute_seconds", "Run of the engine.", labels, _SECONDS)
        self._batch = self._histogram("argosy_batch_items", "Items in the run that answered.", labels, _ITEMS)
        self._series: dict[tuple[str, str, int, str], _Series] = {}

    def observe(
        self,
        method: str,
        model: str,
        version: int,
        code: str,
        total_s: float,
        queue_s: float,
        compute_s: float,
        batch: int,
    ) -> None:
        """Counts one call. Times in seconds; ``batch`` is 0 for a call that ran nothing."""
        series = self._series.get((method, model, version, code)) or self._new_series(method, model, version, code)
        series.requests.inc()
        series.total.observe(total_s)
        if batch:
            series.queue.observe(queue_s)
            series.compute.observe(compute_s)
            series.batch.observe(batch)

    def watch_gauge(self, name: str, text: str, values: Callable[[], dict[tuple[str, str], float]]) -> None:
        """Registers a gauge by (model, version) that is read when scraped."""
        self.registry.register(_OnScrape(name, text, self._domain, values))

    def information(self, version: str, replica: str) -> None:
        """Publishes what runs here."""
        gauge = Gauge("argosy_worker_info", "Always 1.", ("domain", "version", "replica"), registry=self.registry)
        gauge.labels(self._domain, version, replica).set(1)

    def _histogram(self, name: str, text: str, labels: tuple[str, ...], buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, text, labels, buckets=buckets, registry=self.registry)

    def _new_series(self, method: str, model: str, version: int, code: str) -> _Series:
        values = (self._domain, method, model, str(version) if version else "")
        series = _Series(
            self._requests.labels(*values, code),
            self._total.labels(*values),
            self._queue.labels(*values),
            self._compute.labels(*values),
            self._batch.labels(*values),
        )
        self._series[(method, model, version, code)] = series
        return series


class _OnScrape(Collector):
    def __init__(self, name: str, text: str, domain: str, values: Callable[[], dict[tuple[str, str], float]]) -> None:
        self._name, self._text, self._domain, self._values = name, text, domain, values

    def collect(self) -> list[GaugeMetricFamily]:
        family = GaugeMetricFamily(self._name, self._text, labels=("domain", "model", "version"))
        for (model, version), value in self._values().items():
            family.add_metric((self._domain, model, version), value)
        return [family]
