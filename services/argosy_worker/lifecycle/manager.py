# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The worker's models: makes them what repository and control plane want, and finds the one that a call means."""

import asyncio
import logging
import time
from collections.abc import Collection, Coroutine, Mapping
from pathlib import Path
from typing import Any

from argosy_worker.errors import DeadlineExpired, InvalidInput, ModelInvalid, ModelNotFound, NotReady, StaleEpoch
from argosy_worker.lifecycle.finding import Defaults, find
from argosy_worker.lifecycle.keeper import Keeper
from argosy_worker.lifecycle.loader import Loader
from argosy_worker.lifecycle.memory import Budget
from argosy_worker.lifecycle.records import Held, Model
from argosy_worker.lifecycle.served import ServedModel
from argosy_worker.lifecycle.state import Pull, PullState, State, StateBoard, VersionState
from argosy_worker.repository import files as repository_files
from argosy_worker.repository import scan
from argosy_worker.repository.files import ModelFiles
from argosy_worker.repository.scan import ModelEntry

logger = logging.getLogger(__name__)

#: Label of the version with which copies of calls are compared.
_STABLE = "stable"


class ModelManager:
    """Owns every model of one worker. Lives on one event loop."""

    def __init__(self, repository: Path, loader: Loader, board: StateBoard, memory_limit_bytes: int = 0) -> None:
        self._repository = repository
        self._board = board
        self.keeper = Keeper(loader, board, Budget(memory_limit_bytes))
        self._defaults = Defaults()
        self._unloaded: frozenset[str] = frozenset()
        self._epoch = 0
        self._changing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def board(self) -> StateBoard:
        """Where every change of state is published."""
        return self._board

    def served(self) -> list[ServedModel]:
        """All versions that are loaded."""
        return [held.served for _, held in self.keeper.loaded() if held.served]

    async def load_all(self) -> None:
        """Loads every model of the repository, one after the other. One that fails does not stop the others."""
        names = await asyncio.to_thread(scan.names, self._repository)
        for name in names:
            self.announce(name, "waiting to be loaded")
        for name in names:
            await self.reconcile(name)
        self._board.complete()

    def announce(self, name: str, reason: str) -> None:
        """Shows a model that is still to be loaded."""
        if name not in self.keeper.models:
            model = self.keeper.models[name] = Model(name)
            model.others[0] = VersionState(0, State.LOADING, reason)
            self.keeper.show(model)

    def pulling(self, name: str, pull: Pull | None) -> None:
        """Shows how far a model's files are copied, or that none are; what was loaded from older files goes on."""
        model = self.keeper.models.setdefault(name, Model(name))
        model.pull = pull
        if pull is not None and not model.held and pull.state is not PullState.DONE:
            failed = pull.state is PullState.FAILED
            reason = pull.reason if failed else "its files are being copied"
            model.others[0] = VersionState(0, State.FAILED if failed else State.LOADING, reason)
        self.keeper.show(model)

    async def close(self) -> None:
        """Finishes what runs and frees everything."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.keeper.close()

    def apply_desired(self, epoch: int, labels: Mapping[str, Mapping[str, int]], unloaded: Collection[str] = ()) -> int:
        """Replaces all version labels, and which models are not to be loaded; returns the generation with the labels.

        Loading and unloading goes on in the background; the board tells.

        Raises:
            StaleEpoch: a higher epoch was applied before.
            InvalidInput: a label looks like a version number.
        """
        if epoch < self._epoch:
            raise StaleEpoch(f"epoch {epoch} is older than {self._epoch}", metadata={"epoch": str(self._epoch)})
        for name, wanted in labels.items():
            for label, version in wanted.items():
                if not label or label.isdecimal() or version < 1:
                    raise InvalidInput(f"model '{name}': '{label}: {version}' is not a label and a version number")
        self._epoch = epoch
        self.keeper.labels = {name: dict(wanted) for name, wanted in labels.items()}
        for model in self.keeper.models.values():
            self.keeper.show(model)
        changed, self._unloaded = self._unloaded ^ frozenset(unloaded), frozenset(unloaded)
        for name in changed & self.keeper.models.keys():
            self._start(self._reconcile(name))
        return self._board.snapshot.generation

    async def load(self, name: str) -> None:
        """Loads a model that was unloaded, until the control plane wants it otherwise."""
        self._unloaded -= {name}
        await self.reconcile(name)

    async def unload(self, name: str) -> None:
        """Takes a model out of service, until the control plane wants it otherwise; its calls in progress finish."""
        self._unloaded |= {name}
        await self.reconcile(name)

    async def reconcile(self, name: str) -> ModelFiles | None:
        """Makes a model what its folder and the control plane want.

        Returns:
            The files that it was made from; None where there are none, or they cannot be used as they are.
        """
        async with self._changing:
            model = self.keeper.models.setdefault(name, Model(name))
            files = None
            if name in self._unloaded:
                self._unload(model)
                return None
            if any(state.state is State.UNLOADED for state in model.others.values()):
                model.others.clear()
            try:
                files = await asyncio.to_thread(repository_files.look, self._repository / name)
                entry = await asyncio.to_thread(scan.read, self._repository, name)
                self._defaults.claim(name, entry.config.default_for)
            except (ModelInvalid, OSError, UnicodeDecodeError) as error:
                if files is not None and not files.versions:
                    for version in list(model.held):
                        self.keeper.retire(model, version, None)
                self._unreadable(model, str(error))
                return None
            model.others.pop(0, None)
            await self._make(model, entry, files)
            return files

    async def remove(self, name: str) -> None:
        """Forgets a model whose folder is gone; its calls in progress finish."""
        async with self._changing:
            model = self.keeper.models.pop(name, None)
            self._board.remove(name)
            self._defaults.release(name)
            if model is not None:
                logger.info("model removed", extra={"model": name})
                for version in list(model.held):
                    self.keeper.retire(model, version, None)

    def default_model(self, method: str) -> str:
        """Returns the name of a method's default model, or an empty text. Raises NotReady where it may yet come."""
        model = self._defaults.of(method)
        if not model:
            self._check_complete({})
        return model

    def serving(self, name: str, version: str, method: str | None) -> ServedModel | None:
        """Finds the version that a call means, quickly; None where it has to be obtained since it was put aside.

        Arguments and errors as of :meth:`resolve`.
        """
        return self.resolve(name, version, method).served

    async def obtain(self, name: str, version: str, method: str | None, deadline: float | None) -> ServedModel:
        """Finds the version that a call means, and loads it first where it was put aside.

        Args:
            name: Name of the model; not empty.
            version: Number or label; empty means the newest that answers.
            method: Method of the domain's service that it must implement; None for tensors.
            deadline: When the call ends, on the monotonic clock, in seconds; None where it has no deadline.

        Raises:
            DeadlineExpired: the deadline passed while it was being loaded.
            ArgosyError: see :meth:`resolve`.
        """
        held = self.resolve(name, version, method)
        while held.served is None:
            if held.restoring is None or held.restoring.done():
                held.restoring = self._start(self._restore(name, held))
            timeout = None if deadline is None else max(deadline - time.monotonic(), 0.0)
            done, _ = await asyncio.wait({held.restoring}, timeout=timeout)
            if not done:
                raise DeadlineExpired(f"the deadline passed while model '{name}' was being loaded")
            held = self.resolve(name, version, method)
        return held.served

    def resolve(self, name: str, version: str, method: str | None) -> Held:
        """Finds the version that a call means; it may be put aside. Arguments as of :meth:`obtain`.

        Raises:
            NotReady: the worker has not read all of its repository yet.
            ArgosyError: see :func:`argosy_worker.lifecycle.finding.find`.
        """
        model = self.keeper.models.get(name)
        if model is None:
            self._check_complete({"model": name})
            raise ModelNotFound(f"Request for unknown model: '{name}' is not found", metadata={"model": name})
        return find(model, self.keeper.labels.get(name, {}), version, method)

    def stable_of(self, served: ServedModel) -> ServedModel | None:
        """The version with the label "stable", where that is another one of the same model and in memory."""
        number = self.keeper.labels.get(served.name, {}).get(_STABLE, served.version)
        model = self.keeper.models.get(served.name)
        held = model.answering.get(number) if model is not None and number != served.version else None
        return held.served if held is not None else None

    def _check_complete(self, metadata: Mapping[str, str]) -> None:
        """Raises NotReady while models are still to be found: another worker may have them."""
        if not self._board.snapshot.complete:
            raise NotReady("this worker is starting: not all models are known", metadata=metadata, retry_elsewhere=True)

    async def _make(self, model: Model, entry: ModelEntry, files: ModelFiles) -> None:
        """Loads what is new or changed, then retires what is no longer wanted, if something wanted is there."""
        for version in entry.versions:
            wanted = files.of(version, self.keeper.live_files(entry))
            held = model.held.get(version)
            if held is not None and held.files == wanted:
                held.note = ""
                model.tried.pop(version, None)
            elif model.tried.get(version) == wanted:
                continue
            elif held is not None and held.files.same_but_live(wanted):
                await self.keeper.renew(model, held, wanted)
            else:
                await self.keeper.load(model, entry, version, wanted)
        for version in set(model.others) - set(entry.versions):
            if model.others[version].state is not State.DRAINING:
                del model.others[version]
        if any(version in model.held for version in entry.versions):
            for version in set(model.held) - set(entry.versions):
                self.keeper.retire(model, version, None)
        self.keeper.show(model)

    def _unload(self, model: Model) -> None:
        logger.info("model unloaded", extra={"model": model.name})
        reason = "unloaded by request"
        for version in list(model.held):
            self.keeper.retire(model, version, VersionState(version, State.UNLOADED, reason))
        kept = {version: old for version, old in model.others.items() if old.state is State.DRAINING}
        unloaded = {
            version: VersionState(version, State.UNLOADED, reason) for version in model.others.keys() - kept.keys()
        }
        model.others = {**unloaded, **kept}
        model.tried.clear()
        self.keeper.show(model)

    def _unreadable(self, model: Model, reason: str) -> None:
        """Shows why a model's folder cannot be used; what was loaded from it before goes on."""
        known = [*(held.note for held in model.held.values()), *(old.reason for old in model.others.values())]
        if not any(reason in text for text in known):
            logger.error("model failed", extra={"model": model.name, "reason": reason})
        if model.held:
            for held in model.held.values():
                held.note = f"its folder has changed and cannot be used, what was loaded before answers: {reason}"
        else:
            model.others = {0: VersionState(0, State.FAILED, reason)}
        self.keeper.show(model)

    async def _restore(self, name: str, held: Held) -> None:
        async with self._changing:
            model = self.keeper.models.get(name)
            if model is not None:
                await self.keeper.restore(model, held)

    async def _reconcile(self, name: str) -> None:
        await self.reconcile(name)

    def _start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("defect", exc_info=task.exception())
