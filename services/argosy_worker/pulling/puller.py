# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Keeps the repository's copied models as control planes want them: copies, copies again, removes."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from argosy_worker.lifecycle.manager import ModelManager
from argosy_worker.lifecycle.state import Pull, PullState
from argosy_worker.pulling.fetcher import Fetcher
from argosy_worker.pulling.source import Progress, PullFailed, Source, Stopped

logger = logging.getLogger(__name__)

#: Time between two reports of how far copying is, in seconds: control planes look at each.
_REPORT_S = 2.0
#: The delay until the next try doubles with each failure, up to this many times the first.
_LONGEST = 32


class Puller:
    """Copies models from their sources, a few at a time. Lives on one event loop.

    Args:
        manager: Loads what was copied, and shows how far copying is.
        fetcher: Copies.
        pulls: Most models that are copied at a time.
        retry_s: Time after a first failure until the next attempt, in seconds. It doubles with each failure, since what
            is wrong with files is wrong with them the next time, and they are downloaded for it; up to 32 times.
    """

    def __init__(self, manager: ModelManager, fetcher: Fetcher, pulls: int, retry_s: float) -> None:
        self._manager = manager
        self._fetcher = fetcher
        self._retry_s = retry_s
        self._pool = ThreadPoolExecutor(pulls, thread_name_prefix="pull")
        self._wanted: dict[str, Source] = {}
        self._kept = set(fetcher.cache.names())
        self._changed: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def want(self, sources: Mapping[str, Source], *, all_sources: bool) -> None:
        """Takes note of what is wanted; copying goes on in the background, and the manager's board tells.

        Args:
            sources: By name of the model.
            all_sources: Whether a model that was copied and is not among them is to be removed.
        """
        gone = (self._kept | self._wanted.keys()) - sources.keys() if all_sources else set()
        for name in gone:
            self._wanted.pop(name, None)
        changed = {name for name, source in sources.items() if self._wanted.get(name) != source}
        self._wanted.update(sources)
        for name in changed:  # all at once: a worker with some of its models must not look like one with all of them
            self._manager.pulling(name, Pull(PullState.WAITING, sources[name].uri, sources[name].revision))
        for name in sorted(changed | gone):
            self._changed.setdefault(name, asyncio.Event()).set()
            if name not in self._tasks or self._tasks[name].done():
                task = self._tasks[name] = asyncio.create_task(self._follow(name))
                task.add_done_callback(self._ended)

    async def close(self) -> None:
        """Stops copying; what was downloaded is kept."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)

    async def _follow(self, name: str) -> None:
        """Makes a model what is wanted, again whenever that changes, until it is gone."""
        changed = self._changed[name]
        failures = 0
        while True:
            if changed.is_set():
                failures = 0
            changed.clear()
            source = self._wanted.get(name)
            if source is None:
                await self._remove(name)
                if not changed.is_set():
                    del self._tasks[name], self._changed[name]
                    return
                continue
            self._kept.add(name)
            done = await self._make(name, source, changed)
            delay_s = self._retry_s * min(2**failures, _LONGEST)
            failures += not done
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if done else delay_s):
                    await changed.wait()

    async def _make(self, name: str, source: Source, changed: asyncio.Event) -> bool:
        """Copies and loads a model; returns whether that is done, else it is worth another try."""
        about = Pull(PullState.WAITING, source.uri, source.revision)
        try:
            if not await self._configured(name, source):
                await self._copied(name, source, about, changed)
        except Stopped:
            return True
        except (PullFailed, OSError) as error:
            return self._failed(name, about, str(error))
        except Exception as error:
            # No defect ends the copying of a model for good: its source may be another one by the next try.
            logger.exception("defect while copying", extra={"model": name})
            return self._failed(name, about, f"a defect: {error!r}")
        await self._manager.reconcile(name)
        record = await asyncio.to_thread(self._fetcher.cache.record, name)
        sha256 = record.sha256 if record else ""
        self._manager.pulling(name, replace(about, state=PullState.DONE, sha256=sha256))
        return True

    def _failed(self, name: str, about: Pull, reason: str) -> bool:
        """Shows why a model was not copied; returns that it is not done."""
        reason = reason.encode("utf-8", "backslashreplace").decode()  # names of files may be no text
        logger.error("model not copied", extra={"model": name, "source": about.uri, "reason": reason})
        self._manager.pulling(name, replace(about, state=PullState.FAILED, reason=reason))
        return False

    async def _configured(self, name: str, source: Source) -> bool:
        """Gives files that are there the settings that are wanted; returns whether they are the ones wanted."""
        cache = self._fetcher.cache
        record = await asyncio.to_thread(cache.record, name)
        if record is None or not record.has_files_of(source):
            return False
        if record.settings != source.settings:
            await asyncio.to_thread(cache.configure, name, source, record)
        return True

    async def _copied(self, name: str, source: Source, about: Pull, changed: asyncio.Event) -> None:
        """Copies a model, and tells how far that is. Raises Stopped where something else is wanted meanwhile."""
        progress = Progress()
        work = self._pool.submit(self._fetcher.pull, name, source, progress)
        copying = asyncio.wrap_future(work)
        copying.add_done_callback(_retrieved)
        waiting = asyncio.create_task(changed.wait())
        either: set[asyncio.Future[Any]] = {copying, waiting}
        try:
            while not copying.done() and not waiting.done():
                state = PullState.PULLING if work.running() else PullState.WAITING
                done, total = progress.done_bytes, progress.total_bytes
                self._manager.pulling(name, replace(about, state=state, done_bytes=done, total_bytes=total))
                await asyncio.wait(either, timeout=_REPORT_S, return_when=asyncio.FIRST_COMPLETED)
            if not copying.done():
                progress.stop.set()
                if work.cancel():  # it had not begun
                    raise Stopped
            await copying
            logger.info("model copied", extra={"model": name, "source": source.uri, "bytes": progress.total_bytes})
        finally:
            progress.stop.set()
            waiting.cancel()

    async def _remove(self, name: str) -> None:
        await asyncio.to_thread(self._fetcher.cache.remove, name)
        self._kept.discard(name)
        if await asyncio.to_thread(self._fetcher.cache.has_own, name):
            self._manager.pulling(name, None)
            await self._manager.reconcile(name)
        else:
            await self._manager.remove(name)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None:
            logger.error("defect while copying", exc_info=task.exception())


def _retrieved(copying: "asyncio.Future[None]") -> None:
    """Takes note of an error that nobody waits for any more, as the worker stops."""
    if not copying.cancelled():
        copying.exception()
