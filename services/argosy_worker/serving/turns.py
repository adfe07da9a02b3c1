# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Whose turn it is among calls that have come and are not handled yet: one line for each tenant, served in turn."""

import time
from collections import OrderedDict, deque
from typing import Generic, TypeVar

#: Tenants whose calls are no further apart than this, in seconds, get their turns.
SEVERAL_S = 1.0

CallT = TypeVar("CallT")


class Lines(Generic[CallT]):
    """Calls of several tenants: each tenant's in the order in which they came, one of each tenant after the other."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, deque[CallT]] = OrderedDict()
        """Whoever is next comes first. No line is empty."""
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def push(self, tenant: str, call: CallT) -> None:
        """Adds a call at the end of its tenant's line."""
        line = self._lines.get(tenant)
        if line is None:
            line = self._lines[tenant] = deque()
        line.append(call)
        self._count += 1

    def pop(self) -> CallT:
        """Takes the next call.

        Raises:
            KeyError: there is none.
        """
        tenant, line = self._lines.popitem(last=False)
        call = line.popleft()
        if line:
            self._lines[tenant] = line
        self._count -= 1
        return call


class Tenants:
    """Whether several tenants call these days: where one alone does, turns would be of use to nobody, and cost time."""

    def __init__(self) -> None:
        self._last = ""
        self._changed = float("-inf")

    def note(self, tenant: str) -> None:
        """Takes note of whose call is handled."""
        if tenant != self._last:
            self._last = tenant
            self._changed = time.monotonic()

    @property
    def several(self) -> bool:
        """Whether one's call was handled after another's in the last ``SEVERAL_S``."""
        return time.monotonic() - self._changed < SEVERAL_S
