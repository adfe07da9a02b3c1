# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Whose turn it is: start-time fair queueing between tenants (Goyal, Vin, Cheng 1996).

Each tenant has a virtual start tag. The tenant with the smallest goes next; its tag then grows by the cost of what was
taken. A tenant that was idle starts at the current virtual time, so that it neither saves up nor owes.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class FairShare:
    """Virtual time over tenants; costs are predicted engine seconds."""

    now: float = 0.0
    _tags: dict[str, float] = field(default_factory=dict)

    def tag(self, tenant: str) -> float:
        """Returns the tenant's start tag."""
        return max(self._tags.get(tenant, 0.0), self.now)

    def charge(self, tenant: str, cost: float) -> None:
        """Takes note that the tenant's next work, of the given cost, was taken."""
        start = self.tag(tenant)
        self.now = start
        self._tags[tenant] = start + cost
        if len(self._tags) > 1024:
            self._forget_idle()

    def _forget_idle(self) -> None:
        """Tags in the past mean nothing: such a tenant starts at the current virtual time anyway."""
        self._tags = {tenant: tag for tenant, tag in self._tags.items() if tag > self.now}
