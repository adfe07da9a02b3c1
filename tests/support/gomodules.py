# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Go modules that tests use: files of theirs, and programs that are built once and kept in .cache/tools."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

_TOOLS = Path(__file__).parents[2] / ".cache/tools"
_DOWNLOAD_S, _BUILD_S = 300, 900


class Missing(Exception):
    """A module or a program cannot be had here; the text is a sentence that says why."""


def files(module: str, version: str) -> Path:
    """Returns the folder of a module's files, downloaded where it is not here yet. Raises Missing."""
    with tempfile.TemporaryDirectory() as folder:
        _go(Path(folder), _DOWNLOAD_S, "mod", "init", "argosy.dev/tools")
        text = _go(Path(folder), _DOWNLOAD_S, "mod", "download", "-json", f"{module}@{version}")
    return Path(json.loads(text)["Dir"])


def program(name: str, package: str = "", version: str = "", tags: str = "") -> Path:
    """Returns a program: from PATH, else as built before, else, where a package is given, built from it.

    Raises:
        Missing: It is in none of these places.
    """
    found = shutil.which(name)
    if found is not None:
        return Path(found)
    kept = _TOOLS / name
    if kept.exists():
        return kept
    if not package:
        raise Missing(f"{name} is neither on PATH nor in {kept.parent}: `make test-slow` builds it where Go is")
    with tempfile.TemporaryDirectory() as folder:
        _go(Path(folder), _DOWNLOAD_S, "mod", "init", "argosy.dev/tools")
        _go(Path(folder), _DOWNLOAD_S, "get", f"{package}@{version}")
        _go(Path(folder), _BUILD_S, "build", "-tags", tags, "-o", name, package)
        _TOOLS.mkdir(parents=True, exist_ok=True)
        shutil.move(Path(folder) / name, kept)
    return kept


def _go(folder: Path, seconds: float, *arguments: str) -> str:
    go = shutil.which("go")
    if go is None:
        raise Missing("Go is not on PATH: it fetches modules of other projects")
    try:
        done = subprocess.run([go, *arguments], cwd=folder, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise Missing(f"go {arguments[0]} took longer than {seconds} s") from error
    if done.returncode:
        raise Missing(f"go {' '.join(arguments)}: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.stdout
