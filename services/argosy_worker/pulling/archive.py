# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Makes a model's folder of one file: a tar archive of it, or a graph alone."""

import lzma
import shutil
import tarfile
import zlib
from pathlib import Path

from argosy_worker.pulling.source import Progress, PullFailed, is_hidden, is_safe
from argosy_worker.repository.scan import CONFIG_FILE, GRAPH_FILE, is_version

_CHUNK_BYTES = 4 << 20
#: What a broken archive raises: tarfile passes on what decompressors and names of members say.
_BROKEN = (tarfile.TarError, EOFError, OSError, ValueError, zlib.error, lzma.LZMAError)


def unpack(file: Path, name: str, into: Path, progress: Progress) -> None:
    """Fills a folder from a file that was downloaded.

    Args:
        file: The file.
        name: What it is called at its source; decides what it is.
        into: The folder, empty.
        progress: Asked whether to go on.

    Raises:
        PullFailed: it is neither archive nor graph, or an archive that does not keep to its folder.
        Stopped: as :class:`Progress` says.
    """
    if name.endswith(".onnx"):
        target = into / "1" / GRAPH_FILE
        target.parent.mkdir()
        shutil.copyfile(file, target)
        return
    if not name.endswith((".tar", ".tar.gz", ".tgz")):
        raise PullFailed(f"'{name}': expected a .tar, .tar.gz, .tgz or .onnx")
    try:
        with tarfile.open(file) as archive:
            _extract(archive, into, progress)
    except _BROKEN as error:
        raise PullFailed(f"'{name}': cannot be unpacked: {error}") from error
    _without_outer_folder(into)


def _extract(archive: tarfile.TarFile, into: Path, progress: Progress) -> None:
    """Extracts files alone: no links, devices, owners or permissions."""
    for member in archive:
        relative = member.name.removeprefix("./").rstrip("/")
        if member.isdir():
            continue
        if not is_safe(relative):
            raise PullFailed(f"'{member.name}': lies outside the archive's folder")
        if is_hidden(relative):
            continue
        content = archive.extractfile(member) if member.isfile() else None
        if content is None:
            raise PullFailed(f"'{member.name}': is neither a file nor a folder")
        if member.size > (free := shutil.disk_usage(into).free):  # a few bytes may stand for as many as they like
            raise PullFailed(f"'{member.name}': has {member.size} bytes, and there is room for {free}")
        target = into / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        with content, target.open("wb") as file:
            while chunk := content.read(_CHUNK_BYTES):
                file.write(chunk)
                progress.advance(0)


def _without_outer_folder(into: Path) -> None:
    """Takes the content of the one folder that an archive of a folder often has at its top."""
    entries = list(into.iterdir())
    if len(entries) != 1 or not entries[0].is_dir() or is_version(entries[0].name):
        return
    outer = entries[0].rename(into / ".outer")
    if (outer / CONFIG_FILE).exists() or any(is_version(path.name) for path in outer.iterdir()):
        for path in outer.iterdir():
            path.rename(into / path.name)
        outer.rmdir()
