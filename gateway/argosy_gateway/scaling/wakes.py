# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How long models take to answer once a call has found their domain without a worker, learned from each such wake.

Pure: whoever uses it says what time it is. Times are monotonic, in seconds.
"""

import statistics
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

#: Wakes that count: more than half of them must change before the estimate does.
KEPT = 9
#: The least that a caller is told to wait.
LEAST_S = 0.5
#: A wake that takes so many times as long as expected has failed: the next call begins another.
GIVEN_UP = 10.0
#: What a wake that is late is taken to need still, as a part of what was expected of all of it.
LATE_PART = 0.2


@dataclass(slots=True)
class _Wake:
    """A domain that was called and does not answer yet."""

    began: float
    answering: set[str] = field(default_factory=set)
    """Models that have begun to answer."""


class Wakes:
    """Learns, and foretells."""

    def __init__(self, first_guess_s: float) -> None:
        """``first_guess_s`` is what is told while nothing is known."""
        self._guess = first_guess_s
        self._wakes: dict[str, _Wake] = {}
        self._waits: dict[str, deque[float]] = {}

    def call(self, domain: str, at: float) -> None:
        """Takes note of a call of a domain that cannot answer: of several, the first begins its wake."""
        wake = self._wakes.get(domain)
        if wake is None or at - wake.began > GIVEN_UP * self._longest():
            self._wakes[domain] = _Wake(at)
        else:
            wake.began = min(wake.began, at)

    def delay(self, domain: str, model: str, now: float) -> float:
        """How long a caller of a model should wait."""
        expected = self.expected(model)
        wake = self._wakes.get(domain)
        passed = now - wake.began if wake else 0.0
        return max(expected - passed, LATE_PART * expected, LEAST_S)

    def expected(self, model: str) -> float:
        """How long a model takes to answer, from the first call on.

        The middle of what was learned, of two middles the lower: a caller that comes back early is told to wait on, one
        that comes late has waited for nothing. Seldom does a wake take less than it has to, so that of two the lower
        tells more.
        """
        waits = self._waits.get(model)
        if waits:
            return statistics.median_low(waits)
        others = [statistics.median_low(each) for each in self._waits.values()]
        return statistics.median(others) if others else self._guess

    def waking(self, domain: str, model: str) -> bool:
        """Whether a model is on its way."""
        wake = self._wakes.get(domain)
        return wake is not None and model not in wake.answering

    def seen(self, domain: str, models: Collection[str], answering: Collection[str], now: float) -> dict[str, float]:
        """Takes note of which of a domain's models can answer now.

        Returns:
            The waits, in seconds, of those that have just begun to.
        """
        wake = self._wakes.get(domain)
        if wake is None:
            return {}
        found = {model: now - wake.began for model in answering if model not in wake.answering}
        for model, wait in found.items():
            self._waits.setdefault(model, deque(maxlen=KEPT)).append(wait)
        wake.answering.update(found)
        if answering and wake.answering.issuperset(models):
            del self._wakes[domain]
        return found

    def asleep(self, domain: str) -> None:
        """Takes note that a domain has no worker any more: the next call begins a wake."""
        wake = self._wakes.get(domain)
        if wake is not None and wake.answering:
            del self._wakes[domain]

    @property
    def learned(self) -> Mapping[str, Iterable[float]]:
        """The last waits of each model, oldest first."""
        return self._waits

    def adopt(self, model: str, waits: Iterable[float]) -> None:
        """Takes over what another process has learned of a model of which nothing is known here."""
        if model not in self._waits and (found := [wait for wait in waits if wait > 0]):
            self._waits[model] = deque(found, maxlen=KEPT)

    def _longest(self) -> float:
        return max((max(waits) for waits in self._waits.values()), default=self._guess)
