# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls of domains without a worker: notes that they were called, and says when to come back. It forwards nothing."""

import logging
import time
from collections.abc import Callable, Iterable

from argosy.fleet.v1.model_pb2 import (
    MODEL_STATE_ASLEEP,
    MODEL_STATE_DRAINING,
    MODEL_STATE_LOADING,
    MODEL_STATE_UNREACHABLE,
)
from prometheus_client import CollectorRegistry, Histogram

from argosy_gateway.fleet import Fleet, ModelView
from argosy_gateway.latest import Latest
from argosy_gateway.scaling.demand import Call, Demand
from argosy_gateway.scaling.wakes import Wakes

_log = logging.getLogger(__name__)

#: States that a worker which is started ends.
_ENDING = frozenset({MODEL_STATE_ASLEEP, MODEL_STATE_DRAINING, MODEL_STATE_LOADING, MODEL_STATE_UNREACHABLE})
_BUCKETS_S = (1, 2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600)


class Activator:
    """Serves the front, for the domains whose workers an autoscaler starts and stops. For one event loop."""

    def __init__(
        self,
        domains: Iterable[str],
        fleet: Latest[Fleet],
        demand: Demand,
        wakes: Wakes,
        metrics: CollectorRegistry,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._domains = frozenset(domains)
        self._fleet = fleet
        self._demand = demand
        self._wakes = wakes
        self._clock = clock
        self._slept: dict[str, float] = {}
        """When each domain was last seen to have lost its workers."""
        self._seconds = Histogram(
            "argosy_gateway_wake_seconds",
            "From the first call of a domain without a worker until a model answers.",
            ["domain"],
            buckets=_BUCKETS_S,
            registry=metrics,
        )

    def retry_after_s(self, model: ModelView) -> float | None:
        """Takes note of a call of a model that cannot answer; None where no autoscaler will change that."""
        domain = model.domain
        if domain not in self._domains or model.state not in _ENDING or len(model.domains) > 1:
            return None
        now = self._clock()
        if domain in self._fleet.value.ready_domains:
            # Others of its models answer already: this one is on its way, or its worker has a problem of its own.
            return self._wakes.delay(domain, model.name, now) if self._wakes.waking(domain, model.name) else None
        self._wakes.call(domain, now)
        delay = self._wakes.delay(domain, model.name, now)
        # Its caller comes back: until then the domain is not idle.
        self._demand.call(domain, Call(now, now + delay))
        return delay

    def told(self, domain: str, call: Call) -> None:
        """Takes note of a call that a peer had, in monotonic times of ours."""
        at = call.at
        self._demand.tell(domain, call)
        ready = domain in self._fleet.value.ready_domains
        if domain in self._domains and not ready and at > self._slept.get(domain, float("-inf")):
            self._wakes.call(domain, at)

    async def follow(self) -> None:
        """Learns from each wake, until the fleet's changes end."""
        async for fleet in self._fleet.changes():
            for domain in self._domains:
                self._see(fleet, domain)

    def _see(self, fleet: Fleet, domain: str) -> None:
        now = self._clock()
        models = {model.name: model for model in fleet.models.values() if model.domain == domain}
        coming = [name for name, model in models.items() if model.state in _ENDING or model.answerable]
        answering = [name for name, model in models.items() if model.answerable]
        for name, wait in self._wakes.seen(domain, coming, answering, now).items():
            self._seconds.labels(domain).observe(wait)
            _log.info("model woken", extra={"domain": domain, "model": name, "seconds": round(wait, 3)})
        if answering:
            self._slept.pop(domain, None)
        elif domain not in self._slept:
            self._slept[domain] = now
            self._wakes.asleep(domain)
