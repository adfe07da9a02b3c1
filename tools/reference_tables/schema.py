# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Tables of ``model.yaml`` and of the fleet document, from their pydantic models."""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from argosy_gateway.document import FleetDocument
from argosy_worker.repository.schema import ModelConfig
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from tools.reference_tables.markdown import code, table

_HEADERS = ("key", "type", "default", "meaning")
_PLAIN = {str: "text", int: "integer", float: "number", bool: "true or false"}


def model_yaml() -> str:
    """Every key of ``model.yaml``."""
    return _document(ModelConfig, "model.yaml")


def fleet_document() -> str:
    """Every key of the fleet document."""
    return _document(FleetDocument, "fleet document")


def _document(model: type[BaseModel], name: str) -> str:
    return "\n\n".join(f"#### {title}\n\n{_table(section)}" for title, section in _sections(model, name))


def _sections(model: type[BaseModel], title: str, path: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Yields a model and the models in it, with a heading for each, in the order of the keys."""
    yield title, model
    for name, field in model.model_fields.items():
        for nested, suffix in _nested(field.annotation):
            below = f"{path}.{name}{suffix}".lstrip(".")
            yield from _sections(nested, code(below), below)


def _nested(annotation: Any, suffix: str = "") -> Iterator[tuple[type[BaseModel], str]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, suffix
    origin = get_origin(annotation)
    mark = {list: "[]", dict: ".NAME"}.get(origin, "") if origin is not None else ""
    for argument in get_args(annotation):
        yield from _nested(argument, suffix + mark)


def _table(model: type[BaseModel]) -> str:
    rows = []
    for name, field in model.model_fields.items():
        rows.append((code(name), _type(field), _default(field), field.description or ""))
    return table(_HEADERS, rows)


def _type(field: FieldInfo) -> str:
    return _limited(_name(field.annotation), field.metadata)


def _name(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    if origin is Annotated:
        metadata = [part for item in arguments[1:] for part in (getattr(item, "metadata", None) or [item])]
        return _limited(_name(arguments[0]), metadata)
    if origin is Literal:
        return ", ".join(code(_yaml(value)) for value in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(_name(argument) for argument in arguments if argument is not types.NoneType)
    if origin is list:
        return f"list of {_name(arguments[0])}"
    if origin is dict:
        return f"map of {_name(arguments[0])} to {_name(arguments[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "section"
    raise TypeError(f"the reference has no words for {annotation}")


def _limited(text: str, metadata: list[Any]) -> str:
    found = {
        name: value
        for item in metadata
        for name in ("ge", "gt", "le", "min_length", "max_length")
        if (value := getattr(item, name, None)) is not None
    }
    words = []
    if "ge" in found and "le" in found:
        words.append(f"{found['ge']} to {found['le']}")
    else:
        words += [f"at least {found['ge']}"] if "ge" in found else []
        words += [f"more than {found['gt']}"] if "gt" in found else []
        words += [f"at most {found['le']}"] if "le" in found else []
    if "min_length" in found and text.startswith("list"):
        words.append(f"at least {found['min_length']} of them")
    if "max_length" in found:
        words.append(f"at most {found['max_length']} characters")
    return ", ".join([text, *words])


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "see below"
    if field.default is PydanticUndefined:
        return "required"
    return "empty" if field.default in ("", [], {}) and field.default is not False else code(_yaml(field.default))


def _yaml(value: Any) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
