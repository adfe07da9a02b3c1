# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Traces as the rest of the worker knows them. ``otlp.py`` implements this; nothing here needs its libraries."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from argosy_worker.scheduling.trace import Trace


class CallEnd(NamedTuple):
    """A traced call that has ended. Monotonic times, in seconds."""

    method: str
    """Full name without the leading slash."""
    started: float
    submitted: float
    """When an engine was asked for; 0 where none was."""
    ended: float
    code: str
    """Name of the gRPC status."""
    request_id: str
    model: str
    version: int
    """0 where no model was found."""


class Tracer(Protocol):
    """Decides which calls are traced, and makes spans of them. Used on the event loop; must not block."""

    def begin(self, method: str, metadata: Iterable[tuple[str, str | bytes]], started: float) -> Trace | None:
        """Returns where to note a call, or None where it is not traced."""
        ...

    def end(self, trace: Trace, call: CallEnd) -> None:
        """Hands over a call that has ended."""
        ...
