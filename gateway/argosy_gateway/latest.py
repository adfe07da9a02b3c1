# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A value that changes, and those who follow it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """Holds a value; followers get the newest one and may miss those between. For one event loop."""

    def __init__(self, value: T) -> None:
        self._value = value
        self._changed = asyncio.Event()
        self._closed = False

    @property
    def value(self) -> T:
        """The value now."""
        return self._value

    def set(self, value: T) -> None:
        """Replaces the value and wakes every follower."""
        self._value = value
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def close(self) -> None:
        """Ends every ``changes()``: the value will not change any more."""
        self._closed = True
        self._changed.set()

    async def changes(self) -> AsyncIterator[T]:
        """Yields the value now, then the newest after each change."""
        while not self._closed:
            changed = self._changed  # taken before the value, so that no change in between is missed
            yield self._value
            await changed.wait()
