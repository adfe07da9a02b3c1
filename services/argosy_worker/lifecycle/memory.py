# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Memory of the process and of files, and the limit that a worker's models share."""

import ctypes
import os
import sys
from pathlib import Path

from argosy_worker.errors import ModelInvalid

_STATM = Path("/proc/self/statm")


def resident_bytes() -> int:
    """Memory that the process holds now, without what it has freed and kept; 0 where the system does not tell."""
    if not _STATM.exists():
        return 0
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)
    return int(_STATM.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def file_bytes(folder: Path) -> int:
    """Size of all files of a version's folder: the least that it takes in memory."""
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())


class Budget:
    """What the loaded versions take together, against a limit; 0 sets none."""

    def __init__(self, limit_bytes: int = 0) -> None:
        self._limit = limit_bytes
        self._taken: dict[object, int] = {}

    @property
    def used(self) -> int:
        """Memory that the loaded versions take."""
        return sum(self._taken.values())

    def fits(self, needed: int) -> bool:
        """Whether so many bytes fit beside what is loaded."""
        return not self._limit or self.used + needed <= self._limit

    def take(self, owner: object, taken: int) -> None:
        """Takes note that a version is loaded."""
        self._taken[owner] = taken

    def give_back(self, owner: object) -> None:
        """Takes note that a version was freed."""
        self._taken.pop(owner, None)

    def refuse_if_never(self, needed: int) -> None:
        """Refuses what does not fit even where nothing else is loaded.

        Raises:
            ModelInvalid: with both numbers.
        """
        if self._limit and needed > self._limit:
            raise ModelInvalid(f"needs {_mb(needed)} of memory, the worker's memory_limit_mb allows {_mb(self._limit)}")

    def refusal(self, needed: int) -> ModelInvalid:
        """Makes the error of what does not fit now and finds nothing that could be put aside."""
        return ModelInvalid(
            f"needs {_mb(needed)} of memory beside {_mb(self.used)} that are in use, the worker's memory_limit_mb "
            f"allows {_mb(self._limit)}"
        )


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
