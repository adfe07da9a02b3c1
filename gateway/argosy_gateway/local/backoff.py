# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How long to wait before a process is started again."""

from dataclasses import dataclass


@dataclass(slots=True)
class Backoff:
    """Doubles the delay with each failure, from ``first_s`` to ``most_s``; a run of ``healthy_s`` starts afresh."""

    first_s: float = 0.5
    most_s: float = 10.0
    healthy_s: float = 30.0
    _next_s: float = 0.0

    def after(self, uptime_s: float) -> float:
        """Returns the delay in seconds before the next start of a process that ran for ``uptime_s``."""
        if uptime_s >= self.healthy_s:
            self._next_s = 0.0
        delay = self._next_s or self.first_s
        self._next_s = min(delay * 2, self.most_s)
        return delay
