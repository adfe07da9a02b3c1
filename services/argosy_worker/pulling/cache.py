# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Where copied models are: beside the repository's own, whole from the moment at which they can be seen.

``<repository>/.pulling/NAME`` holds what is being copied, ``<repository>/.pulled/NAME/N`` what was, and
``<repository>/NAME`` is a link to that, which is exchanged in one step. A link to anywhere else is an operator's, as a
folder is.
"""

import contextlib
import json
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from argosy_worker.pulling import overrides
from argosy_worker.pulling.source import PullFailed, Source

_STAGING = ".pulling"
_KEPT = ".pulled"
_NOTE = "source.json"
#: In the folder that it is about, and hidden there.
_RECORD = ".record.json"


@dataclass(frozen=True, slots=True)
class Record:
    """What a model was copied from: the source as it was asked for, and what its files hash to."""

    uri: str
    wanted_sha256: str
    settings: dict[str, Any]
    sha256: str

    def has_files_of(self, source: Source) -> bool:
        """Whether these are the files that a source asks for."""
        return (self.uri, self.wanted_sha256) == (source.uri, source.sha256)


@dataclass(frozen=True, slots=True)
class Cache:
    """Copied models below a worker's repository. Its methods block."""

    repository: Path

    def names(self) -> list[str]:
        """Models that were copied, or are being copied."""
        folders = (self.repository / _KEPT, self.repository / _STAGING)
        return sorted({path.name for folder in folders if folder.is_dir() for path in folder.iterdir()})

    def record(self, name: str) -> Record | None:
        """What a model was copied from; None where it was not copied, or its files are gone."""
        if self.has_own(name):
            return None
        try:
            return Record(**json.loads((self.repository / name / _RECORD).read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def has_own(self, name: str) -> bool:
        """Whether the repository has a model of its own by that name: a folder, or a link that is none of ours."""
        path = self.repository / name
        return (path.is_symlink() or path.exists()) and not self._is_ours(path)

    def staging(self, name: str, source: Source) -> Path:
        """A folder in which to put a model together; what an earlier attempt at the same source left is in it.

        Raises:
            PullFailed: the repository has a model of its own by that name.
            OSError: it cannot be made.
        """
        self._refuse_own(name)
        folder = self.repository / _STAGING / name
        note = folder / _NOTE
        wanted = json.dumps([source.uri, source.sha256])
        if not note.exists() or note.read_text() != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            note.write_text(wanted)
        return folder

    def give_up(self, name: str) -> None:
        """Removes what is being copied."""
        shutil.rmtree(self.repository / _STAGING / name, ignore_errors=True)

    def keep(self, name: str, source: Source, folder: Path, sha256: str) -> None:
        """Puts a folder that is complete in the place of what the model was.

        Raises:
            PullFailed: the settings cannot be applied, or the repository has a model of its own by that name.
            OSError: a file cannot be written.
        """
        self._refuse_own(name)
        overrides.apply(folder, source.settings)
        _note(folder, Record(source.uri, source.sha256, source.settings, sha256))
        link = self.repository / name
        kept = self.repository / _KEPT / name
        kept.mkdir(parents=True, exist_ok=True)
        number = 1 + max((int(path.name) for path in kept.iterdir() if path.name.isdecimal()), default=0)
        target = kept / str(number)
        folder.rename(target)
        new = kept / "link"
        new.unlink(missing_ok=True)
        new.symlink_to(Path(_KEPT, name, str(number)))
        new.replace(link)
        for other in kept.iterdir():  # what an attempt that was killed has left included
            if other != target:
                shutil.rmtree(other, ignore_errors=True)
        self.give_up(name)

    def configure(self, name: str, source: Source, record: Record) -> None:
        """Applies other settings to the files that are there. Raises PullFailed and OSError."""
        overrides.apply(self.repository / name, source.settings)
        _note(self.repository / name, replace(record, settings=source.settings))

    def remove(self, name: str) -> None:
        """Removes a model that was copied, and what is being copied of it; leaves models of the repository alone."""
        link = self.repository / name
        if self._is_ours(link):
            with contextlib.suppress(FileNotFoundError):
                link.unlink()
        shutil.rmtree(self.repository / _KEPT / name, ignore_errors=True)
        self.give_up(name)

    def _refuse_own(self, name: str) -> None:
        if self.has_own(name):
            own = self.repository / name
            raise PullFailed(f"the worker's repository has a model of its own by that name: {own}")

    @staticmethod
    def _is_ours(path: Path) -> bool:
        return path.is_symlink() and path.readlink().parts[:1] == (_KEPT,)


def _note(folder: Path, record: Record) -> None:
    written = folder / f"{_RECORD}.new"
    written.write_text(json.dumps(asdict(record)))
    written.replace(folder / _RECORD)
