# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a repository folder holds: ``<repository>/<model>/model.yaml`` and ``<version>/model.onnx``."""

import re
from dataclasses import dataclass
from pathlib import Path

from argosy.names import is_model_name

from argosy_worker.errors import ModelInvalid
from argosy_worker.repository import yaml_source
from argosy_worker.repository.schema import ModelConfig, VersionPolicy

CONFIG_FILE = "model.yaml"
GRAPH_FILE = "model.onnx"
_VERSION = re.compile(r"[1-9][0-9]{0,17}\Z")


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model's folder, read and checked."""

    name: str
    folder: Path
    config: ModelConfig
    labels: tuple[str, ...]
    versions: tuple[int, ...]
    """Versions to serve, newest first, by the version policy."""


def names(repository: Path) -> list[str]:
    """Lists the models of a repository: its folders, but hidden ones and those without versions and model.yaml."""
    return sorted(
        path.name
        for path in repository.iterdir()
        if path.is_dir() and not path.name.startswith(".") and ((path / CONFIG_FILE).exists() or _versions(path))
    )


def read(repository: Path, name: str) -> ModelEntry:
    """Reads one model's folder; model.yaml may be absent, then everything is derived.

    Raises:
        ModelInvalid: the entry cannot be served, and why.
    """
    folder = repository / name
    if not is_model_name(name):
        raise ModelInvalid(f"{folder}: a model's name is letters, digits, '.', '_', '-', at most 128, first no sign")
    path = folder / CONFIG_FILE
    config = yaml_source.read(path, ModelConfig) if path.exists() else ModelConfig()
    if config.name is not None and config.name != name:
        raise ModelInvalid(f"{path}: name: is '{config.name}', but the folder is '{name}'")
    labels = tuple(asset(folder, config.labels_file).read_text("utf-8").split("\n")) if config.labels_file else ()
    while labels and not labels[-1].strip():
        labels = labels[:-1]
    chosen = _chosen(config.version_policy, _versions(folder))
    if not chosen:
        raise ModelInvalid(f"{folder}: no version to serve: expected {folder.name}/1/{GRAPH_FILE}")
    return ModelEntry(name, folder, config, tuple(label.strip() for label in labels), chosen)


def is_version(name: str) -> bool:
    """Whether a folder of this name inside a model's holds a version."""
    return _VERSION.match(name) is not None


def asset(folder: Path, relative: str) -> Path:
    """Returns the path of a file beside model.yaml.

    Raises:
        ModelInvalid: it does not exist, or lies outside the model's folder.
    """
    path = (folder / relative).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise ModelInvalid(f"{folder / CONFIG_FILE}: {relative}: lies outside the model's folder")
    if not path.is_file():
        raise ModelInvalid(f"{folder / CONFIG_FILE}: {relative}: no such file")
    return path


def _versions(folder: Path) -> list[int]:
    return sorted(
        (int(path.name) for path in folder.iterdir() if path.is_dir() and is_version(path.name)), reverse=True
    )


def _chosen(policy: VersionPolicy, versions: list[int]) -> tuple[int, ...]:
    if policy.all:
        return tuple(versions)
    if policy.listed is not None:
        return tuple(version for version in versions if version in policy.listed)
    return tuple(versions[: policy.latest or 1])
