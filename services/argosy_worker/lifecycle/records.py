# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the worker remembers of its models, and how that shows."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from argosy_worker.lifecycle.served import ServedModel
from argosy_worker.lifecycle.state import ModelState, Pull, State, VersionState
from argosy_worker.repository.files import VersionFiles
from argosy_worker.repository.scan import ModelEntry


@dataclass(slots=True, eq=False)
class Held:
    """A version that was loaded and found good: in memory, or put aside until a call wants it."""

    entry: ModelEntry
    version: int
    files: VersionFiles
    about: VersionState
    """How it shows while it is READY."""
    served: ServedModel | None
    """None while it is put aside."""
    failing: str = ""
    """Why its golden samples fail at present; empty while they pass."""
    note: str = ""
    """Why what is in the repository now is not what answers; empty where it is."""
    restoring: "asyncio.Task[None] | None" = None

    @property
    def state(self) -> VersionState:
        """How it shows."""
        if self.failing:
            return replace(self.about, state=State.FAILED, reason=self.failing)
        if self.served is None:
            return replace(self.about, state=State.EVICTED, reason="put aside to free memory; a call loads it")
        return replace(self.about, reason=self.note)


@dataclass(slots=True, eq=False)
class Model:
    """One model of the repository."""

    name: str
    entry: ModelEntry | None = None
    """What the newest load that succeeded was made from; before the first, what is being tried."""
    held: dict[int, Held] = field(default_factory=dict)
    answering: dict[int, Held] = field(default_factory=dict)
    """Those of them that calls may have."""
    others: dict[int, VersionState] = field(default_factory=dict)
    """Versions that are not held: being loaded, failed, leaving, unloaded; 0 for a folder that cannot be read."""
    tried: dict[int, VersionFiles] = field(default_factory=dict)
    """Files with which a load failed: only others are worth another try."""
    pull: Pull | None = None
    """How far its files are copied; None where it is of the worker's own repository."""

    def state(self, labels: Mapping[str, int]) -> ModelState:
        """How it shows, with these version labels."""
        shown = {**self.others, **{version: held.state for version, held in self.held.items()}}
        versions = tuple(shown[version] for version in sorted(shown, reverse=True))
        if self.entry is None:
            return ModelState(self.name, versions=versions, version_labels=labels, pull=self.pull)
        return ModelState(self.name, self.entry.config, self.entry.labels, versions, labels, self.pull)
