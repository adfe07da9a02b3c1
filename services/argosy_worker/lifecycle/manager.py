# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The worker's models: loads them, knows their state, and finds the one that a call means."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from argosy_worker.errors import InvalidInput, MethodNotSupported, ModelInvalid, ModelNotFound, NotReady, StaleEpoch
from argosy_worker.lifecycle.loader import Loader
from argosy_worker.lifecycle.served import ServedModel
from argosy_worker.lifecycle.state import ModelState, State, StateBoard, VersionState
from argosy_worker.repository import scan
from argosy_worker.repository.scan import ModelEntry

logger = logging.getLogger(__name__)


class ModelManager:
    """Owns every model of one worker. Lives on one event loop."""

    def __init__(self, repository: Path, loader: Loader, board: StateBoard) -> None:
        self._repository = repository
        self._loader = loader
        self._board = board
        self._served: dict[str, dict[int, ServedModel]] = {}
        self._defaults: dict[str, str] = {}
        self._labels: Mapping[str, Mapping[str, int]] = {}
        self._epoch = 0

    @property
    def board(self) -> StateBoard:
        """Where every change of state is published."""
        return self._board

    def served(self) -> list[ServedModel]:
        """All versions that answer."""
        return [version for versions in self._served.values() for version in versions.values()]

    async def load_all(self) -> None:
        """Loads every model of the repository, one after the other. One that fails does not stop the others."""
        names = await asyncio.to_thread(scan.names, self._repository)
        for name in names:
            self._put(ModelState(name, versions=(VersionState(0, State.LOADING, "waiting to be loaded"),)))
        for name in names:
            await self._load(name)

    async def close(self) -> None:
        """Finishes what runs and frees everything."""
        models, self._served = self.served(), {}
        await asyncio.gather(*(model.batcher.close() for model in models))

    def apply_labels(self, epoch: int, labels: Mapping[str, Mapping[str, int]]) -> int:
        """Replaces all version labels; returns the generation that has them.

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
        self._epoch, self._labels = epoch, {name: dict(wanted) for name, wanted in labels.items()}
        for model in list(self._board.snapshot.models.values()):
            if self._wanted_labels(model.name) != model.version_labels:
                self._put(model)
        return self._board.snapshot.generation

    def _wanted_labels(self, name: str) -> Mapping[str, int]:
        return self._labels.get(name, {})

    def _put(self, model: ModelState) -> None:
        """Publishes a model with the labels that are wanted now: they may have come while it was being loaded."""
        self._board.put(replace(model, version_labels=self._wanted_labels(model.name)))

    def default_model(self, method: str) -> str:
        """Returns the name of a method's default model, or an empty text."""
        return self._defaults.get(method, "")

    def resolve(self, name: str, version: str, method: str | None) -> ServedModel:
        """Finds the version that a call means.

        Args:
            name: Name of the model; not empty.
            version: Number or label; empty means the newest that is READY.
            method: Method of the domain's service that it must implement; None for tensors.

        Raises:
            ModelNotFound: no such model, version or label.
            MethodNotSupported: the model lacks the method.
            NotReady: the version is there and does not answer.
        """
        model = self._board.snapshot.models.get(name)
        if model is None:
            raise ModelNotFound(f"Request for unknown model: '{name}' is not found", metadata={"model": name})
        if self._board.snapshot.draining:
            raise NotReady("this worker is shutting down", reason="WORKER_DRAINING", retry_elsewhere=True)
        # A model that could not be read has no methods, and saying why comes first.
        if method is not None and model.ready and method not in model.config.methods:
            offered = ", ".join(model.config.methods) or "none: it takes tensors only"
            raise MethodNotSupported(
                f"model '{name}' does not implement {method}; it implements {offered}",
                metadata={"model": name, "method": method},
            )
        served = self._served.get(name, {})
        if not version:
            if served:
                return served[max(served)]
            raise _not_ready(model, model.versions[0] if model.versions else None)
        number = int(version) if version.isdecimal() and len(version) < 19 else model.version_labels.get(version, 0)
        if number in served:
            return served[number]
        for state in model.versions:
            if state.version == number and number:
                raise _not_ready(model, state)
        if not model.ready:
            raise _not_ready(model, model.versions[0] if model.versions else None)
        raise ModelNotFound(
            f"Request for unknown model: '{name}' version {version} is not found",
            reason="VERSION_NOT_FOUND",
            metadata={"model": name, "version": version},
        )

    async def _load(self, name: str) -> None:
        try:
            entry = await asyncio.to_thread(scan.read, self._repository, name)
            self._claim_defaults(entry)
        except (ModelInvalid, OSError, UnicodeDecodeError) as error:
            self._failed(ModelState(name, versions=(VersionState(0, State.FAILED, str(error)),)))
            return
        model = ModelState(
            name, entry.config, entry.labels, tuple(VersionState(version, State.LOADING) for version in entry.versions)
        )
        self._put(model)
        for version in entry.versions:
            model = model.with_version(await self._load_version(entry, version))
            self._put(model)

    async def _load_version(self, entry: ModelEntry, version: int) -> VersionState:
        engine = entry.config.execution.engine
        try:
            served = await self._loader.load(entry, version)
        except ModelInvalid as error:
            logger.error("model failed", extra={"model": entry.name, "version": version, "reason": str(error)})
            return VersionState(version, State.FAILED, str(error), engine=engine)
        except Exception as error:
            # A defect in a domain's or an engine's code must not take the other models down.
            logger.exception("model failed", extra={"model": entry.name, "version": version})
            return VersionState(version, State.FAILED, f"{type(error).__name__}: {error}", engine=engine)
        self._served.setdefault(entry.name, {})[version] = served
        logger.info("model ready", extra={"model": entry.name, "version": version, "device": served.device})
        return VersionState(version, State.READY, "", served.graph.inputs, served.graph.outputs, engine, served.device)

    def _claim_defaults(self, entry: ModelEntry) -> None:
        for method in entry.config.default_for:
            holder = self._defaults.setdefault(method, entry.name)
            if holder != entry.name:
                raise ModelInvalid(f"default_for: model '{holder}' is the default for {method} already")

    def _failed(self, model: ModelState) -> None:
        logger.error("model failed", extra={"model": model.name, "reason": model.versions[0].reason})
        self._put(model)


def _not_ready(model: ModelState, version: VersionState | None) -> NotReady:
    state = version.state if version else State.UNLOADED
    reason = f": {version.reason}" if version and version.reason else ""
    return NotReady(
        f"model '{model.name}' is not at ready state, it is {state.value}{reason}",
        metadata={"model": model.name, "state": state.value},
        retry_elsewhere=state in (State.LOADING, State.DRAINING),
    )
