# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Whose turn it is: start-time fair queueing (Goyal, Vin, Cheng 1996) between tenants, or between models.

Each party has a virtual start tag. The one with the smallest goes next; its tag then grows by the cost of what was
taken. One that was idle starts at the current virtual time, so that it neither saves up nor owes.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

PartyT = TypeVar("PartyT", bound=Hashable)


@dataclass(slots=True)
class FairShare(Generic[PartyT]):
    """Virtual time over parties; costs are predicted engine seconds."""

    now: float = 0.0
    _tags: dict[PartyT, float] = field(default_factory=dict)

    def tag(self, party: PartyT) -> float:
        """Returns the party's start tag."""
        return max(self._tags.get(party, 0.0), self.now)

    def charge(self, party: PartyT, cost: float) -> None:
        """Takes note that the party's next work, of the given cost, was taken."""
        start = self.tag(party)
        self.now = start
        self._tags[party] = start + cost
        if len(self._tags) > 1024:
            self._forget_idle()

    def _forget_idle(self) -> None:
        """Tags in the past mean nothing: such a party starts at the current virtual time anyway."""
        self._tags = {party: tag for party, tag in self._tags.items() if tag > self.now}
