# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Downloads files by ranges, and goes on where an attempt before this one ended, be it in another process."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from argosy_worker.pulling.source import Progress, PullFailed, is_safe

#: What one request asks for, in bytes.
RANGE_BYTES = 4 << 20
_NOTES = "downloads.json"


@dataclass(frozen=True, slots=True)
class Remote:
    """A file at its source: path below the model's folder, size in bytes, and a mark that changes with its content.

    Without a mark nothing of an earlier attempt is used.
    """

    path: str
    size: int
    mark: str


class Changed(Exception):
    """The file at the source is no longer the one that was asked for."""


class Reader(Protocol):
    """Reads files at a source."""

    def read(self, file: Remote, start: int, end: int) -> bytes:
        """Reads a part of a file. Raises Changed or PullFailed."""
        ...


def download(reader: Reader, files: Sequence[Remote], into: Path, progress: Progress) -> None:
    """Completes a folder of downloads. ``into`` holds nothing else, and is kept between attempts.

    Raises:
        PullFailed: a file cannot be had; what was read of it is kept.
        OSError: a file cannot be written.
        Stopped: as :class:`Progress` says.
    """
    for file in files:
        if not is_safe(file.path):
            raise PullFailed(f"'{file.path}': is no path below a folder")
    notes = into.parent / _NOTES
    _forget_changed(into, notes, files)
    progress.total_bytes = sum(file.size for file in files)
    progress.done_bytes = sum(_had(into / file.path) for file in files)
    for file in files:
        try:
            _complete(reader, file, into / file.path, progress)
        except Changed:
            (into / file.path).unlink(missing_ok=True)
            raise PullFailed(f"'{file.path}': changed while it was being copied") from None


def _forget_changed(into: Path, notes: Path, files: Sequence[Remote]) -> None:
    """Removes what an earlier attempt left of files that are others now, and notes which ones are begun now."""
    try:
        known = json.loads(notes.read_text())
    except (OSError, ValueError):
        known = {}
    wanted = {file.path: [file.size, file.mark] for file in files}
    for path in [path for path in into.rglob("*") if path.is_file()]:
        relative = path.relative_to(into).as_posix()
        if relative not in wanted or known.get(relative) != wanted[relative] or not wanted[relative][1]:
            path.unlink()
    notes.write_text(json.dumps(wanted))


def _complete(reader: Reader, file: Remote, target: Path, progress: Progress) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("ab") as copy:
        while (start := copy.tell()) < file.size:
            end = min(start + RANGE_BYTES, file.size)
            part = reader.read(file, start, end)
            if len(part) != end - start:
                raise PullFailed(f"'{file.path}': got {len(part)} bytes of {end - start}")
            copy.write(part)
            copy.flush()
            progress.advance(len(part))


def _had(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
