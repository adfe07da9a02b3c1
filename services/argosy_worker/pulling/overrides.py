# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Settings that take the place of those of a model's own model.yaml."""

from pathlib import Path
from typing import Any

import yaml
from argosy.fleet.v1 import worker_pb2

from argosy_worker.pulling.source import PullFailed
from argosy_worker.repository.scan import CONFIG_FILE

#: model.yaml as it came; hidden, so that nothing takes it for a part of the model.
_ORIGINAL = f".{CONFIG_FILE}"
#: Where each plain setting is in model.yaml.
_PLACES = {
    "max_batch_size": ("batching", "max_batch_size"),
    "max_delay_ms": ("batching", "max_delay_ms"),
    "max_queue": ("batching", "max_queue"),
    "max_items": ("max_items",),
    "gpu_memory_mb": ("execution", "gpu_mem_limit_mb"),
}


def settings(message: worker_pb2.ModelSettings) -> dict[str, Any]:
    """Returns settings as parts of model.yaml, nested as they are there."""
    found: dict[str, Any] = {}
    for name, place in _PLACES.items():
        if message.HasField(name):
            section = found
            for key in place[:-1]:
                section = section.setdefault(key, {})
            section[place[-1]] = getattr(message, name)
    policy = message.version_policy.WhichOneof("policy")
    if policy is not None:
        value = getattr(message.version_policy, policy)
        found["version_policy"] = {policy: list(value.versions) if policy == "listed" else value}
    if message.golden:
        found["golden"] = [_golden(sample) for sample in message.golden]
    return found


def _golden(sample: worker_pb2.GoldenSample) -> dict[str, Any]:
    entry: dict[str, Any] = {"file": sample.file}
    if sample.HasField("tolerance"):
        entry["tolerance"] = sample.tolerance
    if sample.versions:
        entry["versions"] = list(sample.versions)
    return entry


def apply(folder: Path, overrides: dict[str, Any]) -> None:
    """Makes a model's model.yaml what it came as, with these settings in the place of its own.

    Raises:
        PullFailed: its model.yaml is no mapping in YAML, or not in UTF-8.
        OSError: a file cannot be read or written.
    """
    path, original = folder / CONFIG_FILE, folder / _ORIGINAL
    if not original.exists():
        original.write_bytes(path.read_bytes() if path.exists() else b"")
    try:
        text = original.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise PullFailed(f"{CONFIG_FILE}: not in UTF-8: {error}") from error
    if overrides:
        try:
            own = yaml.safe_load(text) or {}
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise PullFailed(f"{CONFIG_FILE}: not YAML: {error}") from error
        if not isinstance(own, dict):
            raise PullFailed(f"{CONFIG_FILE}: must be a mapping")
        text = yaml.safe_dump(_merged(own, overrides), sort_keys=False, allow_unicode=True)
    if text:
        written = folder / f"{_ORIGINAL}.new"
        written.write_text(text, "utf-8")
        written.replace(path)
    else:
        path.unlink(missing_ok=True)


def _merged(own: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    """Puts overrides into a mapping; a version policy is replaced as a whole, as one key of it excludes the others."""
    merged = dict(own)
    for key, value in overrides.items():
        inside = merged.get(key)
        nested = isinstance(value, dict) and isinstance(inside, dict) and key != "version_policy"
        merged[key] = _merged(inside, value) if nested else value  # type: ignore[arg-type]
    return merged
