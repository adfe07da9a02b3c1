# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Optimised graphs on disk, by what they were made from: the files' contents, the runtime, the machine, the options.

A graph is a folder of its own, put in place by one rename: workers that share the cache see all of it or nothing.
"""

import hashlib
import logging
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

logger = logging.getLogger(__name__)

#: Graphs that nobody used for so long are removed when another is stored, in seconds.
UNUSED_S = 30 * 24 * 3600.0
_CHUNK_BYTES = 1 << 20


class GraphCache:
    """The graphs in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def obtain(self, files: Sequence[Path], facts: Iterable[str], make: Callable[[Path], None]) -> Path | None:
        """Returns the folder of the graph made from ``files``; makes it first where it is not there.

        Args:
            files: All files of the original graph.
            facts: What else the result depends on.
            make: Writes the graph into an empty folder.

        Returns:
            The folder, or None where the cache cannot be written; that is logged.
        """
        try:
            graph = self._folder / self._key(files, facts)
            if graph.is_dir():
                os.utime(graph)
                return graph
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with tempfile.TemporaryDirectory(dir=self._folder, prefix=".making-") as making:
                made = Path(making) / "graph"
                made.mkdir()
                make(made)
                if not graph.is_dir():  # another worker may have been quicker
                    made.rename(graph)
            self._remove_unused(graph)
        except OSError as error:
            logger.warning("graph cache unusable", extra={"folder": str(self._folder), "reason": str(error)})
            return None
        return graph

    def discard(self, graph: Path) -> None:
        """Removes a graph that turned out to be unusable."""
        shutil.rmtree(graph, ignore_errors=True)

    def _key(self, files: Sequence[Path], facts: Iterable[str]) -> str:
        key = hashlib.sha256("\n".join((*facts, _machine())).encode())
        for path in files:
            key.update(f"\n{path.name} {self._content(path)}".encode())
        return key.hexdigest()

    def _content(self, path: Path) -> str:
        """Digest of a file's content, remembered by what changes whenever the file does: large files take long."""
        status = path.stat()
        identity = (path.resolve(), status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
        memory = self._folder / f"{hashlib.sha256(repr(identity).encode()).hexdigest()}.digest"
        if memory.is_file():
            os.utime(memory)
            return memory.read_text("ascii")
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile("w", dir=self._folder, prefix=".digest-", delete=False) as written:
            written.write(digest.hexdigest())
        Path(written.name).replace(memory)
        return digest.hexdigest()

    def _remove_unused(self, keep: Path) -> None:
        oldest = time.time() - UNUSED_S
        for path in self._folder.iterdir():
            if path != keep and path.stat().st_mtime < oldest:
                if path.is_dir():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)


@cache
def _machine() -> str:
    """What the processor can do: optimised graphs are laid out for it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    flags = next((line for line in lines if line.startswith(("flags", "Features"))), platform.processor())
    return f"{platform.system()} {platform.machine()} {flags}"
