# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Waits for what other tasks of the same event loop do."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Waits until a condition holds. Raises TimeoutError where it does not within so many seconds."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)
