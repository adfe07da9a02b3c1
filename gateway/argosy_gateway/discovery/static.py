# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The fleet document as a source: read once at start, then looked at again at short intervals."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

from argosy_gateway import document
from argosy_gateway.discovery import Desired, WorkerSpec, desired

_log = logging.getLogger(__name__)


class StaticSource:
    """Follows a fleet document. A bad edit is logged and the last good document stays in force.

    Args:
        path: The document.
        interval_s: Time between two looks at it, in seconds.

    Raises:
        argosy_gateway.document.DocumentError: The document is unusable at start.
    """

    #: One document has one owner, so there is no election to count.
    epoch = 1

    def __init__(self, path: Path, interval_s: float) -> None:
        self._path = path
        self._interval_s = interval_s
        self._seen = self._fingerprint()
        self._desired = _desired(document.load(path))

    def current(self) -> Desired:
        """What the last good document wants."""
        return self._desired

    async def changes(self) -> AsyncIterator[Desired]:
        """Yields what is wanted after each good edit that changes it."""
        while True:
            await asyncio.sleep(self._interval_s)
            if self._look_again():
                yield self._desired

    def _look_again(self) -> bool:
        fingerprint = self._fingerprint()
        if fingerprint == self._seen:
            return False
        self._seen = fingerprint
        try:
            found = _desired(document.load(self._path))
        except document.DocumentError as error:
            _log.error("fleet document refused, the last good one stays", extra={"reason": str(error)})
            return False
        changed = found != self._desired
        self._desired = found
        return changed

    def _fingerprint(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino


def _desired(fleet: document.FleetDocument) -> Desired:
    return desired((WorkerSpec(worker.domain, worker.address) for worker in fleet.workers), fleet.models)
