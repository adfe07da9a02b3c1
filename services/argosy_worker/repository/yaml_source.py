# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""YAML with positions, so that an error can name file, line and key."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from argosy_worker.errors import ModelInvalid

ModelT = TypeVar("ModelT", bound=BaseModel)

MAX_FILE_BYTES = 1 << 20


def read(path: Path, model: type[ModelT]) -> ModelT:
    """Parses and validates a YAML file.

    Raises:
        ModelInvalid: unreadable, not YAML, or not what ``model`` describes; the text holds one line an error,
            each ``file:line: key: what is wrong``.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ModelInvalid(f"{path}: larger than {MAX_FILE_BYTES} bytes")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelInvalid(f"{path}: cannot be read: {error}") from error
    try:
        root = yaml.compose(text, Loader=_NoAliasLoader)
        data = None if root is None else yaml.load(text, Loader=_NoAliasLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise ModelInvalid(f"{path}:{line}: not YAML: {getattr(error, 'problem', None) or error}") from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ModelInvalid("\n".join(_lines(path, root, error))) from error


class _NoAliasLoader(yaml.SafeLoader):
    """Refuses aliases, with which a small file can describe a huge one."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed", event.start_mark)
        return super().compose_node(parent, index)


def _lines(path: Path, root: yaml.Node | None, error: ValidationError) -> list[str]:
    return [
        f"{path}:{_line_of(root, problem['loc'])}: {'.'.join(str(part) for part in problem['loc']) or 'file'}: "
        f"{'unknown key' if problem['type'] == 'extra_forbidden' else problem['msg']}"
        for problem in error.errors()
    ]


def _line_of(root: yaml.Node | None, location: Sequence[int | str]) -> int:
    """Line of the deepest node on the way to ``location`` that exists."""
    line, node = 1, root
    for part in location:
        step = _child(node, part)
        if step is None:
            break
        line, node = step
    return line


def _child(node: yaml.Node | None, part: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        item = node.value[part]
        return item.start_mark.line + 1, item
    return None
