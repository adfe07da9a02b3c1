# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the worker holds, as data, with a generation that grows by one with each change."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from argosy_worker.engines.port import TensorSpec
from argosy_worker.repository.schema import ModelConfig


class State(Enum):
    """State of one version."""

    LOADING = "LOADING"
    READY = "READY"
    FAILED = "FAILED"
    DRAINING = "DRAINING"
    UNLOADED = "UNLOADED"
    EVICTED = "EVICTED"


class PullState(Enum):
    """State of copying a model's files from their source."""

    WAITING = "WAITING"
    PULLING = "PULLING"
    DONE = "DONE"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Pull:
    """How far the worker is with copying a model's files from their source."""

    state: PullState
    uri: str = ""
    revision: str = ""
    reason: str = ""
    done_bytes: int = 0
    total_bytes: int = 0
    sha256: str = ""


#: States in which a version answers; an evicted one is loaded for the call.
ANSWERING = frozenset({State.READY, State.EVICTED})


@dataclass(frozen=True, slots=True)
class VersionState:
    """One version; 0 stands for a model whose folder could not be read."""

    version: int
    state: State
    reason: str = ""
    inputs: tuple[TensorSpec, ...] = ()
    outputs: tuple[TensorSpec, ...] = ()
    engine: str = ""
    device: str = ""
    memory_bytes: int = 0
    """Memory that it takes, or took before it was evicted, as measured when it was loaded."""
    sha256: str = ""
    """What the files that it was loaded from hash to; see :mod:`argosy_worker.repository.digest`."""


@dataclass(frozen=True, slots=True)
class ModelState:
    """One model with its versions, newest first."""

    name: str
    config: ModelConfig = field(default_factory=ModelConfig)
    class_labels: tuple[str, ...] = ()
    versions: tuple[VersionState, ...] = ()
    version_labels: Mapping[str, int] = field(default_factory=dict)
    pull: Pull | None = None
    """None where it is of the worker's own repository."""

    @property
    def ready(self) -> bool:
        """Whether any version answers."""
        return any(version.state in ANSWERING for version in self.versions)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All of the worker's state at one moment."""

    generation: int
    models: Mapping[str, ModelState]
    draining: bool
    complete: bool = False
    """Whether all of the repository has been read: until then a name that is unknown may yet come."""
    told: bool = False
    """Whether a controller has said of every model whether this worker is to have it."""


class StateBoard:
    """Publishes snapshots to any number of watchers; a slow watcher skips to the newest."""

    def __init__(self) -> None:
        self._snapshot = Snapshot(0, {}, False)
        self._changed = asyncio.Event()
        self._closed = False

    @property
    def snapshot(self) -> Snapshot:
        """The state now."""
        return self._snapshot

    def put(self, model: ModelState) -> None:
        """Adds or replaces a model."""
        self._publish(models={**self._snapshot.models, model.name: model})

    def remove(self, name: str) -> None:
        """Removes a model, if it is there."""
        if name in self._snapshot.models:
            self._publish(models={other: model for other, model in self._snapshot.models.items() if other != name})

    def complete(self) -> None:
        """Says that all of the repository has been read."""
        if not self._snapshot.complete:
            self._publish(complete=True)

    def tell(self) -> None:
        """Says that a controller has said what the worker is to have; all of that is shown already."""
        if not self._snapshot.told:
            self._publish(told=True)

    def drain(self) -> None:
        """Says that the worker is leaving."""
        self._publish(draining=True)

    def close(self) -> None:
        """Ends every watch, once it has had the last state."""
        self._closed = True
        self._changed.set()

    async def watch(self) -> AsyncGenerator[Snapshot, None]:
        """Yields the state now and then after each change, until the board is closed."""
        while True:
            changed = self._changed
            yield self._snapshot
            if self._closed:
                return
            await changed.wait()

    def _publish(self, **changed: Any) -> None:
        self._snapshot = replace(self._snapshot, generation=self._snapshot.generation + 1, **changed)
        self._changed.set()
        self._changed = asyncio.Event()
