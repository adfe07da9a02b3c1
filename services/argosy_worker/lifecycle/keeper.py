# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Versions in and out of memory: loading beside what serves, retiring what is replaced, putting aside what is unused.

Every change is published at once. What is taken away finishes the calls that it has.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping

from argosy_worker.errors import ModelInvalid
from argosy_worker.lifecycle import memory
from argosy_worker.lifecycle.loader import Loader
from argosy_worker.lifecycle.memory import Budget
from argosy_worker.lifecycle.records import Held, Model
from argosy_worker.lifecycle.served import ServedModel
from argosy_worker.lifecycle.state import State, StateBoard, VersionState
from argosy_worker.repository import files as repository_files
from argosy_worker.repository.files import VersionFiles
from argosy_worker.repository.scan import ModelEntry

logger = logging.getLogger(__name__)

#: Longest time that a version which is taken away waits for its calls, in seconds; then they are refused.
RETIRE_PATIENCE_S = 60.0


class Keeper:
    """Owns everything that is loaded. Methods that load are called by one at a time."""

    def __init__(self, loader: Loader, board: StateBoard, budget: Budget) -> None:
        self._loader = loader
        self._board = board
        self._budget = budget
        self._leaving: dict[asyncio.Task[None], ServedModel] = {}
        self.models: dict[str, Model] = {}
        self.labels: Mapping[str, Mapping[str, int]] = {}

    def show(self, model: Model) -> None:
        """Publishes a model, unless it shows so already."""
        model.answering = {version: held for version, held in model.held.items() if not held.failing}
        state = model.state(self.labels.get(model.name, {}))
        if self.models.get(model.name) is model and self._board.snapshot.models.get(model.name) != state:
            self._board.put(state)

    def loaded(self) -> list[tuple[Model, Held]]:
        """All versions that are in memory and not leaving it. Any thread may ask."""
        models = list(self.models.values())  # at once: it may change while another thread walks it
        return [(model, held) for model in models for held in list(model.held.values()) if held.served]

    async def load(self, model: Model, entry: ModelEntry, version: int, files: VersionFiles) -> None:
        """Loads a version beside what serves and puts it in the place of its older self; a failure leaves that."""
        old = model.held.get(version)
        if old is None:
            model.others[version] = VersionState(version, State.LOADING)
        if not model.held:
            model.entry = entry
        self.show(model)
        try:
            served = await self._load(entry, version, files, old)
        except Exception as error:
            # A defect in a domain's or an engine's code must not take the other models down.
            self._failed(model, entry, version, files, _reason(error))
            return
        logger.info("model ready", extra={"model": model.name, "version": version, "device": served.device})
        model.entry = entry
        model.others.pop(version, None)
        model.tried.pop(version, None)
        model.held[version] = Held(entry, version, files, _about(served), served)
        self.show(model)
        if old is not None and old.served is not None:
            self._leave(old.served)

    def live_files(self, entry: ModelEntry) -> Collection[str]:
        """Files of a model that may change while it serves, relative to its folder."""
        return self._loader.domain.live_files(entry.config)

    async def renew(self, model: Model, held: Held, files: VersionFiles) -> None:
        """Takes up files that changed while a version serves; where they are no good, it goes on with the old ones."""
        extra = {"model": model.name, "version": held.version}
        if held.served is not None:  # else they are read when it is brought back
            try:
                codec = await self._loader.renewed(held.served)
                await self._check_unchanged(held.entry, held.version, files)
            except Exception as error:
                reason = _reason(error)
                model.tried[held.version] = files
                held.note = f"a file has changed and cannot be used, what was loaded before answers: {reason}"
                logger.error("new files refused", extra={**extra, "reason": reason})
                self.show(model)
                return
            held.served.codec = codec
        held.files, held.note = files, ""
        model.tried.pop(held.version, None)
        logger.info("new files taken up", extra=extra)
        self.show(model)

    def retire(self, model: Model, version: int, then: VersionState | None) -> None:
        """Takes a version away; once its calls have ended it shows as ``then``, or no more."""
        held = model.held.pop(version)
        leaving = VersionState(version, State.DRAINING, "finishing its calls")
        if held.served is None:
            self._gone(model, leaving, then)
        else:
            model.others[version] = leaving
            self._leave(held.served, lambda: self._gone(model, leaving, then))
        self.show(model)

    async def restore(self, model: Model, held: Held) -> None:
        """Loads a version that was put aside; does nothing where it is back already, or no longer held."""
        if held.served is not None or model.held.get(held.version) is not held:
            return
        try:
            served = await self._load(held.entry, held.version, held.files, held, held.about.memory_bytes)
        except Exception as error:
            del model.held[held.version]
            self._failed(model, held.entry, held.version, held.files, _reason(error))
            return
        logger.info("model restored", extra={"model": model.name, "version": held.version})
        held.served = served
        self.show(model)

    def examined(self, model: Model, held: Held, served: ServedModel, problem: str) -> None:
        """Takes note of what a version's golden samples say now; an empty ``problem`` is a pass."""
        if held.served is not served or held.failing == problem:
            return
        extra = {"model": model.name, "version": held.version, "reason": problem}
        if problem:
            logger.error("model fails its golden samples", extra=extra)
        else:
            logger.info("model passes its golden samples again", extra=extra)
        held.failing = problem
        self.show(model)

    async def close(self) -> None:
        """Finishes what runs and frees everything."""
        for task in self._leaving:
            task.cancel()
        loaded = [held.served for _, held in self.loaded() if held.served] + list(self._leaving.values())
        self.models = {}
        await asyncio.gather(*self._leaving, return_exceptions=True)
        await asyncio.gather(*(served.batcher.close() for served in loaded))

    async def _load(
        self, entry: ModelEntry, version: int, files: VersionFiles, replaced: Held | None, known: int = 0
    ) -> ServedModel:
        """Loads within the budget, what is unused put aside for it; ``known`` is what it took when last loaded.

        Raises:
            ModelInvalid: it cannot be served, cannot fit, or its files changed meanwhile.
        """
        folder = entry.folder / str(version)
        await self._make_room(max(known, await asyncio.to_thread(memory.file_bytes, folder)), replaced)
        served = await self._loader.load(entry, version)
        try:
            await self._make_room(served.memory_bytes, replaced)
            await self._check_unchanged(entry, version, files)
        except BaseException:
            await served.batcher.close()
            raise
        self._budget.take(served, served.memory_bytes)
        return served

    async def _check_unchanged(self, entry: ModelEntry, version: int, files: VersionFiles) -> None:
        """Raises ModelInvalid where a version no longer consists of the files with which its loading began."""
        now = await asyncio.to_thread(repository_files.look, entry.folder)
        if now.of(version, self.live_files(entry)) != files:
            raise ModelInvalid(f"{entry.folder / str(version)}: its files changed while it was being loaded")

    async def _make_room(self, needed: int, replaced: Held | None) -> None:
        """Puts versions aside until so many bytes fit; never the one that is being replaced.

        Raises:
            ModelInvalid: they do not fit, with the numbers.
        """
        self._budget.refuse_if_never(needed)
        while not self._budget.fits(needed):
            found = [(held.served.usage, model, held) for model, held in self.loaded() if held.served]
            # Those that nobody uses go first, and of them the one that was not used for the longest time.
            found.sort(key=lambda each: (each[0].busy, each[0].last))
            usage, model, held = next((each for each in found if each[2] is not replaced), (None, None, None))
            if model and held and usage and not (usage.busy and self._leaving):
                self._put_aside(model, held)
            elif not self._leaving:
                raise self._budget.refusal(needed)
            await asyncio.wait(self._leaving, return_when=asyncio.FIRST_COMPLETED)

    def _put_aside(self, model: Model, held: Held) -> None:
        logger.info("model put aside", extra={"model": model.name, "version": held.version})
        served, held.served = held.served, None
        if held.failing:  # it answers nobody, and nobody would bring it back
            del model.held[held.version]
            model.others[held.version] = held.state
            model.tried[held.version] = held.files
        if served is not None:
            self._leave(served)
        self.show(model)

    def _failed(self, model: Model, entry: ModelEntry, version: int, files: VersionFiles, reason: str) -> None:
        logger.error("model failed", extra={"model": model.name, "version": version, "reason": reason})
        model.tried[version] = files
        held = model.held.get(version)
        if held is None:
            engine = entry.config.execution.engine
            model.others[version] = VersionState(version, State.FAILED, reason, engine=engine)
        else:
            held.note = f"its files have changed and cannot be loaded, what was loaded before answers: {reason}"
        self.show(model)

    def _gone(self, model: Model, leaving: VersionState, then: VersionState | None) -> None:
        if model.others.get(leaving.version, leaving) is leaving and leaving.version not in model.held:
            model.others.pop(leaving.version, None)
            if then is not None:
                model.others[leaving.version] = then
        self.show(model)

    def _leave(self, served: ServedModel, then: Callable[[], None] | None = None) -> None:
        task = asyncio.create_task(self._free(served))
        self._leaving[task] = served

        def done(_: object) -> None:
            self._leaving.pop(task, None)
            if then is not None and not task.cancelled():
                then()

        task.add_done_callback(done)

    async def _free(self, served: ServedModel) -> None:
        await served.usage.idle(RETIRE_PATIENCE_S)
        await served.batcher.close()
        self._budget.give_back(served)


def _reason(error: Exception) -> str:
    if isinstance(error, ModelInvalid):
        return str(error)
    logger.error("a defect while loading", exc_info=error)
    return f"{type(error).__name__}: {error}"


def _about(served: ServedModel) -> VersionState:
    return VersionState(
        served.version,
        State.READY,
        "",
        served.graph.inputs,
        served.graph.outputs,
        served.graph.config.execution.engine,
        served.device,
        served.memory_bytes,
        served.sha256,
    )
