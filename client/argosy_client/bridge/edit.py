# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Edits single keys of a model.yaml and leaves everything else as people wrote it."""

import re
from pathlib import Path
from typing import Any

import yaml

#: An outermost key of a mapping in block style.
_KEY = re.compile(r"([A-Za-z_]+)\s*:")


def read(folder: Path) -> dict[str, Any]:
    """The contents of a model's model.yaml; empty where there is none.

    Raises:
        ValueError: it is no YAML, or no mapping.
    """
    path = folder / "model.yaml"
    if not path.exists():
        return {}
    try:
        content = yaml.safe_load(path.read_text("utf-8")) or {}
    except yaml.YAMLError as error:
        raise ValueError(f"{path}: is no YAML: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path}: must be a mapping")
    return content


def with_key(text: str, key: str, value: Any) -> str:
    """The text with one of its outermost keys replaced, or added at the end; None removes it. Comments within the old
    value go with it."""
    rendered = "" if value is None else yaml.safe_dump({key: value}, sort_keys=False, width=120, allow_unicode=True)
    lines = text.splitlines(keepends=True)
    start = next((index for index, line in enumerate(lines) if _key(line) == key), None)
    if start is None:
        ending = "\n" if text and not text.endswith("\n") else ""
        return f"{text}{ending}{rendered}"
    end = next((index for index in range(start + 1, len(lines)) if _key(lines[index])), len(lines))
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].startswith("#")):
        end -= 1  # what stands right above the next key belongs to it
    return "".join([*lines[:start], rendered, *lines[end:]])


def _key(line: str) -> str:
    """The outermost key that a line begins with; empty where it begins none."""
    found = _KEY.match(line)
    return found[1] if found else ""
