#!/usr/bin/env python3
# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Copies the demo models into a volume: ``argosy-copy-models TARGET`` makes TARGET/DOMAIN/MODEL.

A model appears whole, by one rename, and one whose files have changed is replaced. Standard library alone.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path


def files(model: Path) -> dict[str, bytes]:
    """Names and contents of a model's files."""
    return {str(path.relative_to(model)): path.read_bytes() for path in model.rglob("*") if path.is_file()}


def copy(source: Path, target: Path) -> list[str]:
    """Copies each DOMAIN/MODEL that the target lacks or has otherwise; returns their names.

    Raises OSError where it cannot.
    """
    copied = []
    for model in sorted(path for path in source.glob("*/*") if path.is_dir()):
        place = target / model.relative_to(source)
        if place.exists() and files(place) == files(model):
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".copying-") as folder:
            made = Path(folder) / model.name
            # Contents alone: the volume may not take owners, modes or times.
            shutil.copytree(model, made, copy_function=shutil.copyfile)
            if place.exists():
                place.rename(Path(folder) / ".before")
            made.rename(place)
        copied.append(str(model.relative_to(source)))
    return copied


def main(arguments: Sequence[str]) -> int:
    """Returns 0, or 1 with one line on standard error where the volume cannot be written."""
    parser = argparse.ArgumentParser(prog="argosy-copy-models", description="Copies the demo models into a volume.")
    parser.add_argument("target", type=Path, help="folder to copy into")
    parser.add_argument("--source", type=Path, default=Path("/models"), help="default %(default)s")
    chosen = parser.parse_args(arguments)
    try:
        copied = copy(chosen.source, chosen.target)
    except OSError as error:
        print(f"argosy-copy-models: {error}", file=sys.stderr)
        return 1
    print(f"copied {len(copied)} models into {chosen.target}: {', '.join(copied) or 'all were there'}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
