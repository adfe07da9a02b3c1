# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The codec of examples/codec, and models that use it: installed as a package that brings one would be."""

import os
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path

from tests.support.fleet import MODELS

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/codec"
#: A picture of the digit 7, run by run.
NAME = "digits_rle"


def install(folder: Path) -> Path:
    """Installs the example package into a folder, as ``pip install --target`` does; returns the folder."""
    about = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    shutil.copytree(EXAMPLE / "argosy_rle_codec", folder / "argosy_rle_codec")
    register(folder, about["name"], about["entry-points"]["argosy.codecs"])
    return folder


def register(folder: Path, package: str, codecs: Mapping[str, str]) -> None:
    """Writes the metadata of a package with these codecs."""
    about = folder / f"{package.replace('-', '_')}-1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1\n")
    lines = "".join(f"{name} = {target}\n" for name, target in codecs.items())
    (about / "entry_points.txt").write_text(f"[argosy.codecs]\n{lines}")


def environment(folder: Path) -> Mapping[str, str]:
    """The environment of a worker that finds what is installed there."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))}


def add_model(repository: Path, name: str = NAME) -> Path:
    """Adds the example's model, with the graph of ``digits``; returns its folder."""
    folder = repository / name
    shutil.copytree(EXAMPLE / "model", folder)
    shutil.copytree(MODELS / "vision/digits/1", folder / "1")
    shutil.copy(MODELS / "vision/digits/labels.txt", folder)
    return folder
