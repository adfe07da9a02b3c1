# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Waiting until a fleet answers: the bookkeeping that both clients share."""

import time

import grpc

from argosy_client.errors import ArgosyError, DeadlineExceededError, UnavailableError
from argosy_client.fleet_results import HealthStatus
from argosy_client.settings import checked_timeout

#: Pause between two looks, in seconds.
PAUSE_S = 0.1


class Readiness:
    """What was seen of one fleet until it is ready or time is up."""

    def __init__(self, address: str, service: str, timeout_s: float) -> None:
        self._what = f"{service!r} at {address}" if service else f"the fleet at {address}"
        self._timeout_s = checked_timeout(timeout_s)
        self._deadline = time.monotonic() + timeout_s
        self._last = "no answer yet"

    def remaining_s(self) -> float:
        """Time left for the next look, in seconds. Raises DeadlineExceededError when none is."""
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise DeadlineExceededError(
                grpc.StatusCode.DEADLINE_EXCEEDED,
                f"{self._what} was not ready within {self._timeout_s:g} s; last seen: {self._last}",
            )
        return remaining

    def ready(self, status: HealthStatus) -> bool:
        """Takes note of a status."""
        self._last = str(status)
        return status is HealthStatus.SERVING

    def failed(self, error: ArgosyError) -> None:
        """Takes note of a look that failed; raises an error that waiting will not cure."""
        if not isinstance(error, UnavailableError | DeadlineExceededError):
            raise error
        self._last = str(error)
