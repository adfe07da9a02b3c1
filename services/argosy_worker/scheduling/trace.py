# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What is noted of calls that are traced: plain data, of which somebody else makes spans when the call has ended."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple


@dataclass(slots=True, eq=False)
class BatchRecord:
    """One run of an engine, shared by the traced calls in it. Monotonic times, in seconds."""

    started: float
    ended: float
    items: int
    works: int
    """Works in it, those of calls that are not traced too."""
    traces: list["Trace"] = field(default_factory=list)
    span: Any = None
    """Kept here by whoever makes the run's span, which happens once."""


class Part(NamedTuple):
    """One work of a traced call: when it was queued, and the run that answered it."""

    enqueued: float
    batch: BatchRecord


@dataclass(slots=True, eq=False)
class Trace:
    """One traced call."""

    span: Any
    """The span of the call as a whole."""
    id: str = ""
    """The trace's, in hexadecimal digits."""
    parts: list[Part] = field(default_factory=list)
