# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Gauges of the fleet, read when scraped."""

from collections import Counter
from collections.abc import Iterator

from argosy.fleet.v1.fleet_pb2 import WorkerStatus
from argosy.fleet.v1.model_pb2 import ModelState
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from argosy_gateway.fleet import Fleet
from argosy_gateway.latest import Latest


class FleetCollector(Collector):
    """Counts workers by status and models by state."""

    def __init__(self, fleet: Latest[Fleet]) -> None:
        self._fleet = fleet

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yields the gauges of the fleet as it is now."""
        fleet = self._fleet.value
        workers = GaugeMetricFamily("argosy_gateway_workers", "Workers.", labels=["domain", "status"])
        by_status = Counter(
            (worker.domain, WorkerStatus.Name(worker.status).removeprefix("WORKER_STATUS_")) for worker in fleet.workers
        )
        models = GaugeMetricFamily("argosy_gateway_models", "Models.", labels=["domain", "state"])
        by_state = Counter(
            (model.domain, ModelState.Name(model.state).removeprefix("MODEL_STATE_")) for model in fleet.models.values()
        )
        for family, counts in ((workers, by_status), (models, by_state)):
            for labels, count in sorted(counts.items()):
                family.add_metric(list(labels), count)
            yield family
