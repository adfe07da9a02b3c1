# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What calls of each model do, from the metrics of its workers: read now and then, compared with the reading before."""

import asyncio
import ipaddress
import logging
import time
import urllib.request
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

from argosy_gateway.controller.status import Figures
from argosy_gateway.fleet import WorkerView

_log = logging.getLogger(__name__)

#: Longest time that a worker may take to answer, in seconds.
_TIMEOUT_S = 3.0
#: Largest answer that is read, in bytes.
_MOST_BYTES = 16 << 20
_FAMILY = "argosy_request_seconds"


@dataclass(slots=True)
class Counts:
    """Calls of one model by the time that they took: how many at most so long, in seconds, each bound for itself."""

    at_most: dict[float, float] = field(default_factory=lambda: defaultdict(float))

    @property
    def total(self) -> float:
        """Calls of any length."""
        return self.at_most.get(float("inf"), 0.0)

    def add(self, other: "Counts") -> None:
        """Adds the calls of another worker."""
        for bound, count in other.at_most.items():
            self.at_most[bound] += count

    def since(self, before: "Counts") -> "Counts":
        """The calls that were counted after an earlier reading; all of them where the worker began anew."""
        if before.total > self.total:
            return self
        return Counts(
            defaultdict(float, {bound: count - before.at_most.get(bound, 0) for bound, count in self.at_most.items()})
        )

    def quantile(self, part: float) -> float | None:
        """The time within which a part of the calls ended, in seconds, by lines between bounds; None without calls."""
        if self.total <= 0:
            return None
        rank, lower, below = part * self.total, 0.0, 0.0
        for bound, count in sorted(self.at_most.items()):
            if count >= rank:
                if bound == float("inf"):
                    return lower
                return lower + (bound - lower) * ((rank - below) / (count - below) if count > below else 1.0)
            lower, below = bound, count
        return lower


def parse(text: str) -> dict[str, Counts]:
    """Calls of each model that a worker has counted, by name, from the text of its metrics. Raises ValueError."""
    found: dict[str, Counts] = defaultdict(Counts)
    # Other families are skipped before they are parsed: there are many.
    lines = "\n".join(line for line in text.splitlines() if line.startswith((_FAMILY, f"# TYPE {_FAMILY}")))
    for family in text_string_to_metric_families(f"{lines}\n"):
        for sample in family.samples:
            if sample.name == f"{_FAMILY}_bucket" and sample.labels.get("model"):
                found[sample.labels["model"]].at_most[float(sample.labels["le"])] += sample.value
    return dict(found)


def metrics_address(worker: WorkerView) -> str:
    """Where a worker's metrics are, "host:port"; a worker that serves them on every address says no usable host."""
    host, _, port = worker.metrics_address.rpartition(":")
    try:
        anywhere = ipaddress.ip_address(host.strip("[]")).is_unspecified
    except ValueError:
        anywhere = not host
    return f"{worker.address.rpartition(':')[0]}:{port}" if anywhere and port else worker.metrics_address


class Usage:
    """Keeps the figures of each model. For one event loop."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, dict[str, Counts]]] = {}
        self._figures: Mapping[str, Figures] = {}

    def of(self, model: str) -> Figures:
        """The figures of a model between the last two readings."""
        return self._figures.get(model, Figures())

    async def read(self, workers: Sequence[WorkerView]) -> None:
        """Reads the metrics of all workers. One that does not answer counts for nothing."""
        texts = await asyncio.gather(*(asyncio.to_thread(_text, metrics_address(worker)) for worker in workers))
        now = time.monotonic()
        self.take({worker.address: text for worker, text in zip(workers, texts, strict=True) if text}, now)

    def take(self, texts: Mapping[str, str], now: float) -> None:
        """Takes what workers, by address, say of their calls at a monotonic time in seconds."""
        calls: dict[str, Counts] = defaultdict(Counts)
        rates: dict[str, float] = defaultdict(float)
        seen: dict[str, tuple[float, dict[str, Counts]]] = {}
        for address, text in texts.items():
            try:
                counts = parse(text)
            except ValueError as error:
                _log.warning("metrics not understood", extra={"worker": address, "reason": str(error)})
                continue
            before = self._seen.get(address)
            seen[address] = (now, counts)
            if before is None or now <= before[0]:
                continue
            for model, count in counts.items():
                new = count.since(before[1].get(model, Counts()))
                calls[model].add(new)
                rates[model] += new.total / (now - before[0])
        self._seen = seen
        self._figures = {model: Figures(rates[model], calls[model].quantile(0.99)) for model in calls}


def _text(address: str) -> str:
    if not address:
        return ""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://{address}/metrics", timeout=_TIMEOUT_S) as answer:
            return str(answer.read(_MOST_BYTES).decode("utf-8", "replace"))
    except (OSError, ValueError) as error:
        _log.debug("metrics not read", extra={"address": address, "reason": str(error)})
        return ""
