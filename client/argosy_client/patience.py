# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Trying again what is unavailable for now, when the fleet says that it will be there, and never past the deadline."""

import random
import time
from collections.abc import Callable

from argosy_client.errors import ArgosyError, UnavailableError

#: Reason of an error that time cures. Others that name a time are of fleets with too much to do already.
NOT_READY = "MODEL_NOT_READY"
#: The least pause between two attempts, in seconds.
LEAST_PAUSE_S = 0.05
#: Most of what is added to a pause, as a part of it, so that those who were told the same do not all come at once.
SPREAD = 0.1


class Patience:
    """How long one call may still wait. The clock is monotonic, in seconds."""

    def __init__(self, timeout_s: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        """``timeout_s`` is the time of the call in all; None sets no limit."""
        self._clock = clock
        self._deadline = None if timeout_s is None else clock() + timeout_s

    def left_s(self) -> float | None:
        """Time for the next attempt; None where there is no limit."""
        return None if self._deadline is None else max(self._deadline - self._clock(), 0.0)

    def pause_s(self, error: ArgosyError) -> float | None:
        """How long to wait before the next attempt; None where the fleet names no time, or one that is too late."""
        if not isinstance(error, UnavailableError) or error.reason != NOT_READY or error.retry_after_s is None:
            return None
        pause_s = max(error.retry_after_s, LEAST_PAUSE_S)
        left_s = self.left_s()
        spread_s = pause_s * random.uniform(0, SPREAD)  # noqa: S311
        if left_s is None:
            return pause_s + spread_s
        return None if pause_s >= left_s else pause_s + min(spread_s, (left_s - pause_s) / 2)
