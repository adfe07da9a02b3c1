# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How a verb becomes a command: shared options are spread over its signature, and its errors end in one line."""

import errno
import functools
import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, get_type_hints

import typer

from argosy_client.cli.errors import UsageError, describe_input, report_call, report_input
from argosy_client.cli.options import Connection

F = TypeVar("F", bound=Callable[..., None])


def command(function: F) -> F:
    """Makes a function with a parameter ``connection: Connection`` usable as a Typer command.

    Each parameter whose type is a dataclass is replaced by options, one for each field. A failed call, or an input that
    cannot be read, exits with 1; a value that cannot be used, with 2.
    """
    hints = get_type_hints(function, include_extras=True)
    groups = {name: kind for name, kind in hints.items() if is_dataclass(kind) and isinstance(kind, type)}

    @functools.wraps(function)
    def run(**values: Any) -> None:
        for name, kind in groups.items():
            values[name] = kind(**{one.name: values.pop(one.name) for one in fields(kind)})
        _guarded(function, values)

    signature = _spread(function, hints, groups)
    run.__signature__ = signature  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in signature.parameters.values()}
    return run  # type: ignore[return-value]


def _spread(function: Callable[..., None], hints: dict[str, Any], groups: dict[str, type[Any]]) -> inspect.Signature:
    own, shared = [], []
    for name, parameter in inspect.signature(function).parameters.items():
        if name not in groups:
            own.append(parameter.replace(annotation=hints[name], kind=parameter.KEYWORD_ONLY))
            continue
        types = get_type_hints(groups[name], include_extras=True)
        for one in fields(groups[name]):
            shared.append(
                inspect.Parameter(one.name, parameter.KEYWORD_ONLY, default=one.default, annotation=types[one.name])
            )
    return inspect.Signature([*own, *shared])


def _guarded(function: Callable[..., None], values: dict[str, Any]) -> None:
    from argosy_client.errors import ArgosyError

    connection: Connection = values["connection"]
    try:
        function(**values)
    except ArgosyError as error:
        report_call(error, connection.address, as_json=connection.json)
        raise typer.Exit(1) from error
    except ValueError as error:
        raise UsageError(describe_input(error)) from error
    except OSError as error:
        if error.errno == errno.EPIPE:  # The reader of our output has gone; Typer ends quietly.
            raise
        report_input(error, as_json=connection.json)
        raise typer.Exit(1) from error
    except KeyboardInterrupt as error:
        raise typer.Exit(130) from error
