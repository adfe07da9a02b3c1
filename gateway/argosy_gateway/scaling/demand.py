# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls that found no worker: those of this control plane's own Envoy, and those that its peers tell of."""

from collections.abc import Mapping
from typing import NamedTuple

from argosy_gateway.latest import Latest

#: Calls that follow each other faster than this are told as one, in seconds.
GRAIN_S = 1.0


class Call(NamedTuple):
    """The last call of a domain."""

    at: float
    back: float
    """When its caller was told to come back."""


class Demand:
    """When each domain was last called in vain. Times are monotonic, in seconds. For one event loop."""

    def __init__(self) -> None:
        self._own: dict[str, Call] = {}
        self._elsewhere: dict[str, Call] = {}
        self._count = 0
        self.changed: Latest[int] = Latest(0)
        """Changes whenever there is something new to know, from whomever."""
        self.own_changed: Latest[int] = Latest(0)
        """Changes whenever there is something new to tell peers."""

    @property
    def own(self) -> Mapping[str, Call]:
        """The last call of each domain here."""
        return self._own

    def call(self, domain: str, call: Call) -> None:
        """Takes note of a call."""
        if self._newer(self._own, domain, call):
            self.own_changed.set(self._count)

    def tell(self, domain: str, call: Call) -> None:
        """Takes note of a call that a peer tells of."""
        self._newer(self._elsewhere, domain, call)

    def last(self, domain: str) -> float | None:
        """When the last caller of a domain, anywhere, called or comes back; None where there never was one."""
        return max((calls[domain].back for calls in (self._own, self._elsewhere) if domain in calls), default=None)

    def close(self) -> None:
        """Ends whatever follows the changes."""
        self.changed.close()
        self.own_changed.close()

    def _newer(self, calls: dict[str, Call], domain: str, call: Call) -> bool:
        known = calls.get(domain)
        if known is not None and call.at - known.at < GRAIN_S:
            return False
        calls[domain] = call
        self._count += 1
        self.changed.set(self._count)
        return True
