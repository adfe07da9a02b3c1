# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Copies a folder of a volume that is mounted on the worker: ``pvc://CLAIM/PATH`` is ``<claims>/CLAIM/PATH``."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from argosy_worker.pulling.source import Location, Progress, PullFailed, is_hidden

_CHUNK_BYTES = 4 << 20
#: Folders inside each other; a claim whose links go round has no end.
_DEEPEST = 32
#: Files and folders; a few links to the same folder, one inside the other, become a great many folders.
MOST_ENTRIES = 100_000


@dataclass(frozen=True, slots=True)
class Claims:
    """Volumes of models, each mounted in a folder of the claim's name."""

    folder: Path

    def fetch(self, location: Location, into: Path, progress: Progress) -> None:
        """Copies the files of a model's folder, hidden ones left out.

        Raises:
            PullFailed: the claim is not mounted, the folder is not there or has too much in it, or a link leads out of
                the claim.
            OSError: a file cannot be read or written.
            Stopped: as :class:`Progress` says.
        """
        root = self.folder / location.place
        if not root.is_dir():
            raise PullFailed(f"claim '{location.place}' is not mounted on this worker: expected it at {root}")
        root = root.resolve()
        folder = _inside(root, root / location.path)
        if not folder.is_dir():
            raise PullFailed(f"claim '{location.place}' has no folder '{location.path}'")
        files: list[tuple[Path, str, int]] = []
        for entries, (path, relative) in enumerate(_walk(root, folder, "", 0), 1):
            progress.advance(0)
            if entries > MOST_ENTRIES:
                raise PullFailed(f"'{location.path}': more than {MOST_ENTRIES} files and folders")
            if not path.is_dir():
                files.append((path, relative, path.stat().st_size))
        progress.total_bytes = sum(size for _, _, size in files)
        for path, relative, _ in files:
            target = into / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            _copy(root, path, target, progress)


def _walk(root: Path, folder: Path, prefix: str, depth: int) -> Iterator[tuple[Path, str]]:
    """Yields each file and folder below a folder with its relative path, links followed inside ``root``."""
    if depth > _DEEPEST:
        raise PullFailed(f"'{prefix}': folders are nested more than {_DEEPEST} deep")
    for entry in sorted(folder.iterdir()):
        relative = f"{prefix}{entry.name}"
        if is_hidden(relative):
            continue
        path = _inside(root, entry)
        yield path, relative
        if path.is_dir():
            yield from _walk(root, path, f"{relative}/", depth + 1)


def _inside(root: Path, path: Path) -> Path:
    try:
        real = path.resolve(strict=True)
    except FileNotFoundError as error:
        raise PullFailed(f"claim '{root.name}' has no '{path.relative_to(root)}'") from error
    except (OSError, RuntimeError) as error:  # links that go round
        raise PullFailed(f"'{path.relative_to(root)}': cannot be followed: {error}") from error
    if not real.is_relative_to(root):
        raise PullFailed(f"'{path.relative_to(root)}': leads out of the claim")
    return real


def _copy(root: Path, path: Path, target: Path, progress: Progress) -> None:
    # What was opened is looked at, not its name: who writes to the claim may have put a link there meanwhile.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as source:
        if not Path(f"/proc/self/fd/{descriptor}").readlink().is_relative_to(root):
            raise PullFailed(f"'{path.relative_to(root)}': leads out of the claim")
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise PullFailed(f"'{path.relative_to(root)}': is neither a file nor a folder")
        with target.open("wb") as copy:
            while chunk := source.read(_CHUNK_BYTES):
                copy.write(chunk)
                progress.advance(len(chunk))
