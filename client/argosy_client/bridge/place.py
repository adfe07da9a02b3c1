# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Puts a model into a repository so that no worker ever sees half of it."""

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from argosy.names import is_model_name

from argosy_client.bridge.graph import Graph

#: As in a repository.
_VERSION = re.compile(r"[1-9][0-9]{0,17}\Z")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model goes: a folder in a repository, and the number of its version."""

    repository: Path
    name: str
    version: int

    @property
    def folder(self) -> Path:
        """The model's folder."""
        return self.repository / self.name


def model_name(wanted: str | None, graph: Path) -> str:
    """The wanted name, or one made from the graph's file or folder. Raises ValueError for one that cannot be used."""
    stem = graph.stem if graph.stem != "model" else graph.resolve().parent.name
    name = wanted or re.sub(r"[^a-z0-9._-]+", "-", stem.lower()).strip("-._") or "model"
    if not is_model_name(name):
        raise ValueError(f"'{name}' is no name of a model: letters, digits, '.', '_', '-', at most 128, first no sign")
    return name


def repositories_of(fleet: Path) -> list[tuple[str, Path]]:
    """Domain and repository of each worker in a fleet document that has one there.

    Raises:
        OSError: there is no such document.
        ValueError: it is no YAML.
    """
    try:
        read = yaml.safe_load(fleet.read_text("utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{fleet}: is no YAML: {error}") from error
    workers = read.get("workers") if isinstance(read, dict) else None
    return [
        (str(worker.get("domain")), Path(str(worker["repository"])))
        for worker in (workers if isinstance(workers, list) else ())
        if isinstance(worker, dict) and worker.get("repository")
    ]


def find_repository(fleet: Path, domain: str) -> Path:
    """The repository of the domain's first worker in a fleet document.

    Raises:
        OSError: there is no such document.
        ValueError: it names no repository of the domain.
    """
    found = [path for name, path in repositories_of(fleet) if name == domain]
    if not found:
        raise ValueError(
            f"{fleet}: no worker of the domain {domain} has a repository there: name one with --repository"
        )
    return found[0]


def versions_in(folder: Path) -> list[int]:
    """Versions of a model's folder, newest first."""
    return sorted(
        (int(path.name) for path in folder.iterdir() if path.is_dir() and _VERSION.match(path.name)), reverse=True
    )


def find_place(repository: Path, name: str, replace: bool) -> Place:
    """Where a model goes.

    Raises:
        ValueError: there is one of that name already, and it is not to be replaced.
    """
    folder = repository / name
    if not folder.exists():
        return Place(repository, name, 1)
    if not replace:
        raise ValueError(f"{folder} exists already: choose another --name, or --replace it")
    return Place(repository, name, max(versions_in(folder), default=0) + 1)


@contextlib.contextmanager
def staged(place: Place) -> Iterator[Path]:
    """A folder on the repository's file system that no worker looks into; it is gone afterwards."""
    place.repository.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".adding-", dir=place.repository))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write(
    folder: Path,
    graph: Graph,
    version: int,
    texts: Mapping[str, str],
    blobs: Mapping[str, bytes],
    files: Mapping[str, Path],
) -> None:
    """Writes a model: the graph with its weights; texts, other contents and copies of files beside model.yaml.

    Raises:
        OSError: something cannot be read or written.
    """
    into = folder / str(version)
    into.mkdir(parents=True)
    shutil.copyfile(graph.path, into / "model.onnx")
    for weights in graph.weights:
        (into / weights.location).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(graph.path.parent / weights.location, into / weights.location)
    for name, content in ({name: text.encode() for name, text in texts.items()} | dict(blobs)).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    for name, path in files.items():
        shutil.copyfile(path, folder / name)


def publish(staging: Path, place: Place) -> None:
    """Moves a staged model to its place in one step; what was there before goes into the staging folder.

    Raises:
        OSError: it cannot be moved.
    """
    fresh = staging / place.name
    if place.folder.exists():
        place.folder.rename(staging / "replaced")
    fresh.rename(place.folder)
    os.utime(place.folder)
