# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Changes what a fleet document wants of a model. Everything else in its text stays, comments included."""

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from argosy_gateway import document
from argosy_gateway.document import DocumentError

Keys = tuple[str, ...]


def set_loaded(path: Path, model: str, loaded: bool) -> bool:
    """Makes the document at ``path`` want a model loaded, or out of service; returns whether that is a change.

    Raises:
        DocumentError: the document cannot be used, or not be edited without changing anything else.
    """
    keys = ("models", model, "loaded")
    return _rewrite(path, [(lambda text: remove(text, keys)) if loaded else (lambda text: put(text, keys, False))])


def set_labels(path: Path, model: str, labels: Mapping[str, int], removed: tuple[str, ...]) -> bool:
    """Makes labels of a model point to these versions, and removes others; returns whether that is a change.

    Raises:
        DocumentError: see :func:`set_loaded`.
    """
    edits: list[Callable[[str], str]] = []
    for label, version in labels.items():
        keys = ("models", model, "labels", label)
        edits.append(lambda text, keys=keys, version=version: put(text, keys, version))  # type: ignore[misc]
    for label in removed:
        keys = ("models", model, "labels", label)
        edits.append(lambda text, keys=keys: remove(text, keys))  # type: ignore[misc]
    return _rewrite(path, edits)


def set_traffic(
    path: Path,
    model: str,
    split: Mapping[str, float] | None = None,
    mirror: Mapping[str, float] | None = None,
) -> bool:
    """Replaces the percentages in a model's section ``traffic``; returns whether that is a change.

    Args:
        path: The document.
        model: Name of the model.
        split: Shares of the calls by label or version; empty removes them, None leaves them as they are.
        mirror: Shares that are copied, likewise.

    Raises:
        DocumentError: see :func:`set_loaded`.
    """
    edits: list[Callable[[str], str]] = []
    for kind, shares in (("split", split), ("mirror", mirror)):
        if shares is not None:
            keys = ("models", model, "traffic", kind)
            edits.append(lambda text, keys=keys, shares=shares: _replace(text, keys, shares))  # type: ignore[misc]
    return _rewrite(path, edits)


def _replace(text: str, keys: Keys, values: Mapping[str, float]) -> str:
    """Makes a mapping hold these values and no others, each of which stays where it is."""
    held: Any = yaml.safe_load(text)
    for key in keys:
        held = (held or {}).get(key)
    for key, value in values.items():
        text = put(text, (*keys, key), value)
    for key in held or {}:
        if str(key) not in values:
            text = remove(text, (*keys, str(key)))
    return text


def put(text: str, keys: Keys, value: float) -> str:
    """Returns a document in which the value under nested keys is ``value``.

    Raises:
        DocumentError: its text cannot be edited so that nothing else changes.
    """
    expected = _with(yaml.safe_load(text), keys, value)
    return _checked(_put(text, _root(text), keys, value), expected)


def remove(text: str, keys: Keys) -> str:
    """Returns a document without the value under nested keys, nor the mappings that would be empty without it.

    Raises:
        DocumentError: its text cannot be edited so that nothing else changes.
    """
    data = yaml.safe_load(text)
    path = [data]
    for key in keys[:-1]:
        path.append((path[-1] or {}).get(key))
    if _held(path[-1] or {}, keys[-1]) not in (path[-1] or {}):
        return text
    while len(path) > 1 and len(path[-1]) == 1:
        path.pop()
    keys = keys[: len(path)]
    return _checked(_remove(text, _root(text), keys), _without(data, keys))


def _with(data: Any, keys: Keys, value: float) -> dict[Any, Any]:
    key = _held(data or {}, keys[0])
    inner = (data or {}).get(key)
    return {**(data or {}), key: _with(inner, keys[1:], value) if len(keys) > 1 else value}


def _without(data: dict[Any, Any], keys: Keys) -> dict[Any, Any]:
    gone = _held(data, keys[0])
    if len(keys) > 1:
        return {**data, gone: _without(data[gone], keys[1:])}
    return {key: value for key, value in data.items() if key != gone}


def _held(data: Mapping[Any, Any], key: str) -> Any:
    """A key as the mapping has it: versions may be written as numbers."""
    return next((each for each in data if type(each) is int and str(each) == key), key)


def _rewrite(path: Path, edits: list[Callable[[str], str]]) -> bool:
    document.load(path)  # says what is wrong with it, if anything is
    path = path.resolve()
    before = text = path.read_text("utf-8")
    for edit in edits:
        text = edit(text)
    if text == before:
        return False
    document.parse(text, str(path))
    # Whoever reads it at this moment gets the old text or the new one.
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as new:
        new.write(text)
    made = Path(new.name)
    made.chmod(path.stat().st_mode & 0o777)
    made.replace(path)
    return True


def _put(text: str, mapping: yaml.MappingNode, keys: Keys, value: float) -> str:
    for key, child in mapping.value:
        if key.value != keys[0]:
            continue
        if len(keys) > 1 and isinstance(child, yaml.MappingNode):
            return _put(text, child, keys[1:], value)
        start, end = child.start_mark.index, child.end_mark.index
        return f"{text[:start]}{' ' if start == end else ''}{_flow(keys[1:], value)}{text[end:]}"
    entry = f"{_key(keys[0])}: {_flow(keys[1:], value)}"
    if mapping.flow_style:
        end = mapping.end_mark.index - 1
        return f"{text[:end].rstrip()}{', ' if mapping.value else ''}{entry}{text[end:]}"
    at = _line_end(text, _end(mapping))
    indent = " " * mapping.value[0][0].start_mark.column
    if len(keys) > 2:  # a new section: its entries get lines of their own
        entry = f"{_key(keys[0])}:\n{indent}  {_key(keys[1])}: {_flow(keys[2:], value)}"
    return f"{text[:at]}\n{indent}{entry}{text[at:]}"


def _remove(text: str, mapping: yaml.MappingNode, keys: Keys) -> str:
    for index, (key, child) in enumerate(mapping.value):
        if key.value != keys[0]:
            continue
        if len(keys) > 1:
            return _remove(text, child, keys[1:])
        if not mapping.flow_style:
            start = text.rfind("\n", 0, key.start_mark.index) + 1
            return text[:start] + text[_line_end(text, _end(child)) + 1 :]
        if index:
            return text[: _end(mapping.value[index - 1][1])] + text[_end(child) :]
        following = mapping.value[1][0].start_mark.index if len(mapping.value) > 1 else _end(child)
        return text[: key.start_mark.index] + text[following:]
    raise _by_hand()


def _flow(keys: Keys, value: float) -> str:
    rendered = json.dumps(value)
    for key in reversed(keys):
        rendered = f"{{{_key(key)}: {rendered}}}"
    return rendered


def _key(text: str) -> str:
    """A key as it is written: quoted where it would be read as something else than text."""
    return text if yaml.safe_load(text) == text else json.dumps(text)


def _end(node: yaml.Node) -> int:
    """Where a node's own text ends; a block's mark lies after the comments that follow it."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _end(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _end(node.value[-1])
    return node.end_mark.index


def _line_end(text: str, index: int) -> int:
    end = text.find("\n", index)
    return len(text) if end < 0 else end


def _root(text: str) -> yaml.MappingNode:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise _by_hand()
    return root


def _checked(text: str, expected: Any) -> str:
    try:
        same = yaml.safe_load(text) == expected
    except yaml.YAMLError:
        same = False
    if not same:
        raise _by_hand()
    return text


def _by_hand() -> DocumentError:
    return DocumentError("the document cannot be edited so that all else stays as it is: edit it by hand")
