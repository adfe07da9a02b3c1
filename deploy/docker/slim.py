# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``python slim.py MODULE...`` imports modules, and removes the bytecode of everything that they do not import.

A program starts as fast as before, and what dependencies.sh has taken away was not needed. What is imported later is
compiled then, in milliseconds. Standard library alone.
"""

import importlib
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path


def unused(folder: Path, used: Iterable[str]) -> list[Path]:
    """Files of bytecode in a folder that are not among the used ones."""
    kept = set(map(Path, used))
    return [path for path in folder.rglob("*.pyc") if path not in kept]


def main(modules: list[str]) -> None:
    """Removes them from the environment's packages."""
    for module in modules:
        importlib.import_module(module)
    used = [cached for module in list(sys.modules.values()) if (cached := getattr(module, "__cached__", None))]
    for path in unused(Path(sysconfig.get_path("purelib")), used):
        path.unlink()


if __name__ == "__main__":
    main(sys.argv[1:])
