# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Metrics of the models, read off the batchers and the state board when they are scraped."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from argosy_worker.lifecycle.manager import ModelManager
from argosy_worker.lifecycle.state import State

_LABELS = ("domain", "model", "version")


class ModelMetrics(Collector):
    """Every version of one worker's models. Reads plain numbers only: it runs in the thread of the scrape."""

    def __init__(self, domain: str, manager: ModelManager) -> None:
        self._domain = domain
        self._manager = manager

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily]:
        """Reads all versions."""
        yield self._states()
        yield from self._queues()
        yield from self._engines()

    def _states(self) -> GaugeMetricFamily:
        states = GaugeMetricFamily(
            "argosy_model_state", "1 for the state in which a version is, 0 for all others.", labels=(*_LABELS, "state")
        )
        for model in self._manager.board.snapshot.models.values():
            for version in model.versions:
                for state in State:
                    values = (self._domain, model.name, str(version.version), state.value)
                    states.add_metric(values, version.state is state)
        return states

    def _queues(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily]:
        waiting = GaugeMetricFamily("argosy_queue_items", "Items waiting for an engine.", labels=_LABELS)
        age = GaugeMetricFamily(
            "argosy_queue_age_seconds", "How long the oldest work has waited; 0 where none waits.", labels=_LABELS
        )
        refused = CounterMetricFamily(
            "argosy_refused",
            "Works refused: queue_full, or their deadline could not be met (on_arrival, at_claim).",
            labels=(*_LABELS, "when"),
        )
        expired = CounterMetricFamily(
            "argosy_expired", "Works whose deadline passed while they waited.", labels=_LABELS
        )
        cancelled = CounterMetricFamily(
            "argosy_cancelled", "Works whose caller left while they waited.", labels=_LABELS
        )
        dropped = CounterMetricFamily(
            "argosy_shadow_dropped", "Works of copies of calls that were never run.", labels=_LABELS
        )
        difference = HistogramMetricFamily(
            "argosy_shadow_difference",
            "Largest absolute difference of any number in the answer to a copy of a call from that of the version "
            "labelled stable; infinite where they cannot be compared.",
            labels=_LABELS,
        )
        for model in self._manager.served():
            values = (self._domain, model.graph.name, str(model.version))
            stats = model.batcher.stats
            if any(model.differences.counts):
                difference.add_metric(values, model.differences.buckets(), model.differences.sum)
            waiting.add_metric(values, model.batcher.waiting)
            age.add_metric(values, model.batcher.oldest_s)
            for when, count in stats.refused.items():
                refused.add_metric((*values, when), count)
            expired.add_metric(values, stats.expired)
            cancelled.add_metric(values, stats.cancelled)
            dropped.add_metric(values, stats.shadows_dropped)
        yield from (waiting, age, refused, expired, cancelled, dropped, difference)

    def _engines(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        capacity = GaugeMetricFamily(
            "argosy_capacity_items_per_second",
            "Items that full batches are predicted to run in a second.",
            labels=_LABELS,
        )
        instances = GaugeMetricFamily("argosy_engine_instances", "Engine instances.", labels=_LABELS)
        information = GaugeMetricFamily(
            "argosy_model_info",
            "Always 1: the engine of a loaded version, and each device that its instances run on.",
            labels=(*_LABELS, "engine", "device"),
        )
        engine = CounterMetricFamily(
            "argosy_engine_seconds", "Time that engine instances were running.", labels=_LABELS
        )
        wasted = CounterMetricFamily(
            "argosy_engine_wasted_seconds",
            "Part of argosy_engine_seconds for works whose caller had left or whose deadline had passed.",
            labels=_LABELS,
        )
        tokens = CounterMetricFamily(
            "argosy_tokens", "Items times length that were run, of models of sequences; no padding.", labels=_LABELS
        )
        padding = CounterMetricFamily(
            "argosy_padding_tokens", "Padding that was run beside argosy_tokens.", labels=_LABELS
        )
        memory = GaugeMetricFamily(
            "argosy_model_memory_bytes", "Memory that a loaded version takes, as measured when it was.", labels=_LABELS
        )
        for model in self._manager.served():
            values = (self._domain, model.graph.name, str(model.version))
            stats = model.batcher.stats
            memory.add_metric(values, model.memory_bytes)
            for device in sorted({each.device for each in model.engines}):
                information.add_metric((*values, model.graph.config.execution.engine, device), 1)
            capacity.add_metric(values, model.batcher.capacity)
            instances.add_metric(values, model.batcher.instances)
            engine.add_metric(values, stats.engine_s)
            wasted.add_metric(values, stats.wasted_s)
            tokens.add_metric(values, stats.tokens)
            padding.add_metric(values, stats.padding_tokens)
        yield from (information, memory, capacity, instances, engine, wasted, tokens, padding)
