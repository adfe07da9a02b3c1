# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a batcher has done, in plain numbers. Written on the event loop, read by whoever scrapes."""

from dataclasses import dataclass, field

from argosy_worker.scheduling.work import Terms

#: Part of the time between its arrival and its deadline after which a work's answer is a close thing.
TIGHT = 0.5


@dataclass(slots=True)
class Stats:
    """Counts since the model was loaded. Times in seconds."""

    refused: dict[str, int] = field(default_factory=lambda: {"queue_full": 0, "on_arrival": 0, "at_claim": 0})
    """Works refused: because the queue was full, or because their deadline could not be met."""
    expired: int = 0
    """Works whose deadline passed while they waited."""
    stale: int = 0
    """Works whose deadline had passed before they could be queued."""
    cancelled: int = 0
    """Works whose caller left while they waited."""
    shadows_dropped: int = 0
    """Copies of calls that were refused, or that ended before they were run; none of them counts above."""
    offered: int = 0
    """Items that callers asked for; those of copies are in ``items`` alone."""
    timed: int = 0
    """Works with a deadline that were answered by a run."""
    tight: int = 0
    """Those of them whose answer came when more than ``TIGHT`` of their time was over."""
    runs: int = 0
    items: int = 0
    """Items that were run."""
    engine_s: float = 0.0
    """Time that the instances were running."""
    wasted_s: float = 0.0
    """Part of that for works whose caller had left, or whose deadline had passed, by the end of the run."""
    tokens: int = 0
    """Items times length that were run, where works are sequences; padding left out."""
    padding_tokens: int = 0
    """Padding that was run beside them."""

    @property
    def missed(self) -> int:
        """Works whose callers got no answer, for lack of room or of time."""
        return sum(self.refused.values()) + self.expired + self.stale

    def refuse(self, terms: Terms, when: str) -> None:
        """Counts a work that was refused; ``when`` is a key of ``refused``."""
        if terms.shadow:
            self.shadows_dropped += 1
        else:
            self.refused[when] += 1

    def expire(self, terms: Terms) -> None:
        """Counts a work whose deadline passed."""
        if terms.shadow:
            self.shadows_dropped += 1
        else:
            self.expired += 1

    def cancel(self, terms: Terms) -> None:
        """Counts a work whose caller left."""
        if terms.shadow:
            self.shadows_dropped += 1
        else:
            self.cancelled += 1
