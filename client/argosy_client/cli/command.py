# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How a verb becomes a command: shared options are spread over its signature, and its errors end in one line."""

import errno
import functools
import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

import typer

from argosy_client.cli.errors import UsageError, describe_input, report_call, report_input, report_kube, unreachable
from argosy_client.cli.options import Connection

if TYPE_CHECKING:
    from argosy_client.kube.session import Session

F = TypeVar("F", bound=Callable[..., None])

#: Parameter in which Typer hands over the context; it is added where a verb has none.
_CONTEXT = "context"
_CONTEXT_PARAMETER = inspect.Parameter(_CONTEXT, inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)


def command(function: F) -> F:
    """Makes a function with a parameter ``connection: Connection`` usable as a Typer command.

    Each parameter whose type is a dataclass is replaced by options, one for each field. A failed call, or an input that
    cannot be read, exits with 1; a value that cannot be used, with 2. With ``argosy --kube`` the address of the
    connection is that of a forwarded port.
    """
    hints = get_type_hints(function, include_extras=True)
    groups = {name: kind for name, kind in hints.items() if is_dataclass(kind) and isinstance(kind, type)}

    @functools.wraps(function)
    def run(**values: Any) -> None:
        context = values[_CONTEXT] if _CONTEXT in hints else values.pop(_CONTEXT)
        for name, kind in groups.items():
            values[name] = kind(**{one.name: values.pop(one.name) for one in fields(kind)})
        _guarded(function, values, context)

    _sign(run, _spread(function, hints, groups))
    return run  # type: ignore[return-value]


def kube_command(function: F) -> F:
    """Makes a function with a parameter ``session`` usable as a Typer command of a verb that needs ``--kube``.

    What the cluster refuses exits with 1.
    """
    hints = get_type_hints(function, include_extras=True)

    @functools.wraps(function)
    def run(**values: Any) -> None:
        from argosy_client.kube.errors import KubeError

        session = session_of(values.pop(_CONTEXT))
        try:
            function(session=session, **values)
        except KubeError as error:
            report_kube(error, as_json=values["json"])
            raise typer.Exit(1) from error
        except KeyboardInterrupt as error:
            raise typer.Exit(130) from error

    given = [
        one.replace(annotation=hints[name], kind=one.KEYWORD_ONLY)
        for name, one in inspect.signature(function).parameters.items()
        if name != "session"
    ]
    _sign(run, inspect.Signature([*given, _CONTEXT_PARAMETER]))
    return run  # type: ignore[return-value]


def session_of(context: typer.Context) -> "Session | None":
    """The way to the fleet on Kubernetes that ``argosy --kube`` asked for; None without it."""
    session: Session | None = context.find_root().obj
    return session


def _sign(run: Callable[..., None], signature: inspect.Signature) -> None:
    """Gives a wrapper the parameters that Typer makes options of."""
    run.__signature__ = signature  # type: ignore[attr-defined]
    run.__annotations__ = {one.name: one.annotation for one in signature.parameters.values()}


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
    if _CONTEXT not in hints:
        own.append(_CONTEXT_PARAMETER)
    return inspect.Signature([*own, *shared])


def _guarded(function: Callable[..., None], values: dict[str, Any], context: typer.Context) -> None:
    from argosy_client.errors import ArgosyError
    from argosy_client.kube.errors import KubeError

    connection: Connection = values["connection"]
    session = session_of(context)
    try:
        if session is not None and context.invoked_subcommand is None:  # else it is the subcommand that needs it
            values["connection"] = connection = _forwarded(connection, session, context)
        function(**values)
    except KubeError as error:
        report_kube(error, as_json=connection.json)
        raise typer.Exit(1) from error
    except ArgosyError as error:
        lost = session.lost() if session is not None and unreachable(error) else None
        if lost is not None:
            report_kube(lost, as_json=connection.json)
            raise typer.Exit(1) from error
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


def _forwarded(connection: Connection, session: "Session", context: typer.Context) -> Connection:
    source = context.get_parameter_source("address")
    if source is not None and source.name == "COMMANDLINE":
        raise UsageError("--kube finds the gateway by itself: leave --address out")
    return replace(connection, address=session.address())
