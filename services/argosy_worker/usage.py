# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Who is told what was done for whom. Accounts come later; until then there is no sink."""

from typing import NamedTuple, Protocol

from argosy_worker.context import RequestContext


class Outcome(NamedTuple):
    """One call's end. ``(context.request_id, step)`` identifies it, so that a retried call counts once."""

    context: RequestContext
    step: str
    """Full method name; later also the step of an ensemble."""
    model: str
    version: int
    code: str
    """Name of the gRPC status sent."""
    items: int
    compute_s: float
    """Engine time that the call's items took, in seconds."""


class UsageSink(Protocol):
    """Told of every outcome once, when its status is sent."""

    def record(self, outcome: Outcome) -> None:
        """Takes note. Must not block."""
        ...
