# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a version's files hash to, so that what serves can be told from what was published."""

import hashlib
from pathlib import Path


def digest(version: Path) -> str:
    """SHA-256, in hexadecimal, of the lines that ``sha256sum`` prints in a version's folder for its files by name.

    ``cd 1; sha256sum * | sha256sum`` says the same where it holds no folders. Hidden files are left out; the text is
    empty where there are no others.

    Raises:
        OSError: a file cannot be read.
    """
    names = sorted(
        path.relative_to(version).as_posix()
        for path in version.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(version).parts)
    )
    lines = (f"{_of_file(version / name)}  {name}\n" for name in names)
    return hashlib.sha256("".join(lines).encode()).hexdigest() if names else ""


def _of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
