# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Which files a model consists of, to notice that they change and that they no longer do."""

import os
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from argosy_worker.repository.scan import is_version

#: A file's path below the model's folder, size in bytes, time of modification in ns, and inode.
FileFacts = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True)
class VersionFiles:
    """All that one version is made from: its own files, external data included, and those beside the versions."""

    own: frozenset[FileFacts]
    shared: frozenset[FileFacts]
    live: frozenset[FileFacts] = frozenset()
    """Those beside the versions that may change while a version serves."""

    def same_but_live(self, other: "VersionFiles") -> bool:
        """Whether nothing is different but files that may change while a version serves."""
        return (self.own, self.shared) == (other.own, other.shared)


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Everything in a model's folder but hidden files."""

    shared: frozenset[FileFacts]
    versions: Mapping[int, frozenset[FileFacts]]
    changed: float = field(compare=False)
    """When a file was last written, renamed or given other attributes; wall clock, in seconds."""

    def of(self, version: int, live: Collection[str] = ()) -> VersionFiles:
        """The files of a version; none of its own where there is no such version.

        ``live`` names those beside the versions, relative to the model's folder, that may change while it serves.
        """
        changing = frozenset(facts for facts in self.shared if facts[0] in live)
        return VersionFiles(self.versions.get(version, frozenset()), self.shared - changing, changing)


def look(folder: Path) -> ModelFiles:
    """Lists a model's files.

    Raises:
        OSError: the folder cannot be read, or changes too fast for that.
    """
    shared: set[FileFacts] = set()
    versions: dict[int, set[FileFacts]] = {}
    changed = folder.stat().st_ctime
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        where = Path(parent).relative_to(folder)
        first = where.parts[0] if where.parts else ""
        into = versions.setdefault(int(first), set()) if is_version(first) else shared
        changed = max(changed, Path(parent).stat().st_ctime)
        for name in names:
            if not name.startswith("."):
                status = Path(parent, name).stat()
                changed = max(changed, status.st_ctime)
                into.add((str(where / name), status.st_size, status.st_mtime_ns, status.st_ino))
    frozen = {version: frozenset(files) for version, files in versions.items()}
    return ModelFiles(frozenset(shared), frozen, changed)


class Settling:
    """Tells when a model's files have stopped changing: seen unchanged for ``settle_s`` seconds."""

    def __init__(self, settle_s: float) -> None:
        self._settle_s = settle_s
        self._seen: dict[str, tuple[ModelFiles | None, float]] = {}

    def settled(self, name: str, files: ModelFiles | None, now: float) -> bool:
        """Takes note of a model's files, None where it is gone, at a monotonic time; returns whether they are settled.

        What is seen for the first time is settled where the file system says that it is old already.
        """
        seen = self._seen.get(name)
        if seen is not None and seen[0] == files:
            return now - seen[1] >= self._settle_s
        old = seen is None and files is not None and time.time() - files.changed >= self._settle_s
        self._seen[name] = (files, float("-inf") if old else now)
        return old or not self._settle_s

    def forget(self, name: str) -> None:
        """Forgets a model that is gone."""
        self._seen.pop(name, None)
