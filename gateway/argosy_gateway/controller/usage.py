# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What calls of each model do, from the metrics of its workers: read now and then, compared with the reading before."""

import logging
import time
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from prometheus_client.parser import text_string_to_metric_families

from argosy_gateway.controller import scrape
from argosy_gateway.controller.status import Figures
from argosy_gateway.fleet import WorkerView
from argosy_gateway.model_resource import WantedModel

_log = logging.getLogger(__name__)

_FAMILIES = ("argosy_request_seconds", "argosy_requests", "argosy_shadow_difference")

#: Statuses of calls that went wrong on our side; none that a caller can provoke.
_ERRORS = frozenset({"INTERNAL", "UNKNOWN", "UNAVAILABLE", "DATA_LOSS"})

#: A model and one of its versions.
Key = tuple[str, str]


@dataclass(slots=True)
class Counts:
    """Calls of one version by the time that they took: how many at most so long, in seconds, each bound for itself."""

    at_most: dict[float, float] = field(default_factory=lambda: defaultdict(float))
    errors: float = 0.0
    apart: dict[float, float] = field(default_factory=lambda: defaultdict(float))
    """Copies of calls by their answer's difference from the stable version's: how many at most so far, as above."""

    @property
    def total(self) -> float:
        """Calls of any length."""
        return self.at_most.get(float("inf"), 0.0)

    @property
    def error_percent(self) -> float:
        """Percent of the calls that went wrong on our side."""
        return 100 * self.errors / self.total if self.total else 0.0

    def add(self, other: "Counts") -> None:
        """Adds other calls."""
        self.errors += other.errors
        for bound, count in other.at_most.items():
            self.at_most[bound] += count
        for bound, count in other.apart.items():
            self.apart[bound] += count

    @property
    def compared(self) -> float:
        """Copies of calls that were compared."""
        return self.apart.get(float("inf"), 0.0)

    def difference(self, part: float) -> float | None:
        """The bound that the difference of a part of the copies keeps; None where none was compared."""
        keeps = (bound for bound, count in sorted(self.apart.items()) if count >= part * self.compared)
        return next(keeps, None) if self.compared > 0 else None

    def since(self, before: "Counts") -> "Counts":
        """The calls that were counted after an earlier reading; all of them where the worker began anew."""
        if before.total > self.total or before.compared > self.compared:
            return self
        at_most = {bound: count - before.at_most.get(bound, 0) for bound, count in self.at_most.items()}
        apart = {bound: count - before.apart.get(bound, 0) for bound, count in self.apart.items()}
        errors = max(0.0, self.errors - before.errors)
        return Counts(defaultdict(float, at_most), errors, defaultdict(float, apart))

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


def parse(text: str) -> dict[Key, Counts]:
    """Calls of each version that a worker has counted, from the text of its metrics. Raises ValueError."""
    # Other families are skipped before they are parsed: there are many.
    lines = "\n".join(line for line in text.splitlines() if line.removeprefix("# TYPE ").startswith(_FAMILIES))
    try:
        return _counted(f"{lines}\n")
    except (LookupError, ArithmeticError) as error:  # a label that is not there, the parser's own slips, huge numbers
        raise ValueError(f"{type(error).__name__}: {error}") from error


def _counted(lines: str) -> dict[Key, Counts]:
    found: dict[Key, Counts] = defaultdict(Counts)
    for family in text_string_to_metric_families(lines):
        for sample in family.samples:
            labels = sample.labels
            if not labels.get("model"):
                continue
            if sample.name == "argosy_request_seconds_bucket":
                found[labels["model"], labels["version"]].at_most[float(labels["le"])] += sample.value
            elif sample.name == "argosy_shadow_difference_bucket":
                found[labels["model"], labels["version"]].apart[float(labels["le"])] += sample.value
            elif sample.name == "argosy_requests_total" and labels["code"] in _ERRORS:
                found[labels["model"], labels["version"]].errors += sample.value
    return dict(found)


class Usage:
    """Keeps the figures of each model. For one event loop.

    Args:
        window_s: Time over which the versions of a model are compared, in seconds.
    """

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._seen: dict[str, tuple[float, dict[Key, Counts]]] = {}
        self._figures: Mapping[str, Figures] = {}
        self._rounds: deque[tuple[float, float, Mapping[Key, Counts]]] = deque()
        self._last = float("-inf")

    def of(self, model: WantedModel) -> Figures:
        """The figures of a model between the last two readings; its disagreement is that of the window."""
        return replace(self._figures.get(model.name, Figures()), disagreement=self.disagreement(model))

    def disagreement(self, model: WantedModel) -> str:
        """How far each version's answers to copies of calls were lately from the stable one's, for people."""
        labels = {number: label for label, number in model.labels.items()}
        texts = []
        for share in model.traffic.mirror:
            found = self.lately(model.name, share.version, float("-inf"))
            bound = found.difference(0.99)
            if bound is not None:
                name = f"{labels[share.version]} ({share.version})" if share.version in labels else str(share.version)
                far = "cannot be compared" if bound == float("inf") else f"differ by at most {bound:g}"
                texts.append(f"{name}: 99 of 100 answers {far}, of {found.compared:.0f}")
        return "; ".join(texts)

    def lately(self, model: str, version: int, since: float) -> Counts:
        """The calls of a version within the window that began after a monotonic time, in seconds."""
        found = Counts()
        for began, _, calls in self._rounds:
            if began >= since:
                found.add(calls.get((model, str(version)), Counts()))
        return found

    async def read(self, workers: Sequence[WorkerView]) -> None:
        """Reads the metrics of all workers. One that does not answer counts for nothing."""
        texts = await scrape.texts(workers)
        self.take(texts, time.monotonic())

    def take(self, texts: Mapping[str, str], now: float) -> None:
        """Takes what workers, by address, say of their calls at a monotonic time in seconds."""
        calls: dict[Key, Counts] = defaultdict(Counts)
        rates: dict[str, float] = defaultdict(float)
        seen: dict[str, tuple[float, dict[Key, Counts]]] = {}
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
            for key, count in counts.items():
                new = count.since(before[1].get(key, Counts()))
                calls[key].add(new)
                rates[key[0]] += new.total / (now - before[0])
        self._seen = seen
        self._rounds.append((self._last, now, calls))
        self._last = now
        while self._rounds[0][1] <= now - self._window_s:
            self._rounds.popleft()
        by_model: dict[str, Counts] = defaultdict(Counts)
        for (model, _), count in calls.items():
            by_model[model].add(count)
        self._figures = {model: Figures(rates[model], count.quantile(0.99)) for model, count in by_model.items()}
