# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a batcher has done, in plain numbers. Written on the event loop, read by whoever scrapes."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Stats:
    """Counts since the model was loaded. Times in seconds."""

    refused: dict[str, int] = field(default_factory=lambda: {"queue_full": 0, "on_arrival": 0, "at_claim": 0})
    """Works refused: because the queue was full, or because their deadline could not be met."""
    expired: int = 0
    """Works whose deadline passed while they waited."""
    cancelled: int = 0
    """Works whose caller left while they waited."""
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
