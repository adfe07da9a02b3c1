# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Follows the repository: what was added, changed or removed is taken up once its files have stopped changing."""

import asyncio
import logging
import time
from pathlib import Path

from argosy_worker.lifecycle.manager import ModelManager
from argosy_worker.repository import files as repository_files
from argosy_worker.repository import scan
from argosy_worker.repository.files import ModelFiles, Settling

logger = logging.getLogger(__name__)


class Follower:
    """Looks at a repository at intervals, and hands settled changes to the manager.

    Args:
        manager: Loads and unloads.
        repository: The folder.
        poll_s: Seconds between two looks; 0 loads everything once, as it is, and never looks again.
        settle_s: Seconds for which a model's files must stay the same before it is loaded.
    """

    def __init__(self, manager: ModelManager, repository: Path, poll_s: float, settle_s: float) -> None:
        self._manager = manager
        self._repository = repository
        self._poll_s = poll_s
        self._unsettled_poll_s = min(settle_s, poll_s)
        self._settling = Settling(settle_s)
        self._taken_up: dict[str, ModelFiles | None] = {}
        self._problem = ""

    async def run(self) -> None:
        """Loads everything, and follows changes until cancelled."""
        if not self._poll_s:
            await self._manager.load_all()
            return
        while True:
            settled = await self._look()
            await asyncio.sleep(self._poll_s if settled else self._unsettled_poll_s)

    async def _look(self) -> bool:
        """Takes up what has settled; returns whether everything has."""
        try:
            found = await asyncio.to_thread(_found, self._repository)
            self._problem = ""
        except OSError as error:
            # What is loaded goes on: a disk that is away for a moment is no wish to unload.
            if str(error) != self._problem:
                logger.error("repository unreadable", extra={"repository": str(self._repository), "reason": str(error)})
            self._problem = str(error)
            return True
        now = time.monotonic()
        settled = {name: self._settling.settled(name, files, now) for name, files in found.items()}
        for name in self._taken_up.keys() - found.keys():
            settled[name] = self._settling.settled(name, None, now)
        for name in found:
            self._manager.announce(name, "waiting to be loaded" if settled[name] else "its files are still changing")
        for name in sorted(name for name, ready in settled.items() if ready):
            await self._take_up(name, found.get(name))
        everything = all(settled.values())
        if everything:
            self._manager.board.complete()
        return everything

    async def _take_up(self, name: str, files: ModelFiles | None) -> None:
        if files is None:
            await self._manager.remove(name)
            del self._taken_up[name]
            self._settling.forget(name)
        elif self._taken_up.get(name) != files:
            # What could not be used may have failed for another model's sake, and is tried each time.
            self._taken_up[name] = await self._manager.reconcile(name)


def _found(repository: Path) -> dict[str, ModelFiles]:
    found = {}
    for name in scan.names(repository):
        try:
            found[name] = repository_files.look(repository / name)
        except FileNotFoundError:  # a file or a folder went while we looked: the next look tells
            continue
    return found
