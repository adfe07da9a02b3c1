# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Errors as people and programs read them: one line, or one JSON object, on stderr."""

import json
from typing import TYPE_CHECKING, Any

import typer

from argosy_client.cli.text import clean

if TYPE_CHECKING:
    from argosy_client.errors import ArgosyError

#: Typer's error for wrong usage, exit code 2; Typer exports its subclass only.
UsageError: type[Any] = typer.BadParameter.__mro__[1]

#: How gRPC says that no connection could be made. The gateway's own failures to connect to a worker read otherwise.
_NO_CONNECTION = (
    "failed to connect to all addresses",
    "connections to all backends failing",
    "DNS resolution failed",
    "errors resolving",
)
_CAUSES = {
    "Connection refused": "connection refused",
    "No route to host": "no route to host",
    "Network is unreachable": "network is unreachable",
    "DNS resolution failed": "no such host",
    "errors resolving": "no such host",
}


def report_usage(error: Any, *, as_json: bool) -> None:
    """Prints wrong usage. The error of a call without arguments is the help, which has been printed already."""
    message = clean(error.format_message()).strip()
    if not message:
        return
    if as_json:
        _emit({"code": "USAGE", "message": message})
        return
    where = error.ctx.command_path if error.ctx else ""
    typer.echo(f"argosy: {message}{f' (see: {where} --help)' if where else ''}", err=True)


def report_call(error: "ArgosyError", address: str, *, as_json: bool, subject: str = "") -> None:
    """Prints a call that failed; ``subject`` is the input that it was about, where there are several."""
    if as_json:
        fields = {
            "code": error.code.name,
            "message": error.message,
            "reason": error.reason,
            "metadata": error.metadata,
            "retry_after_s": error.retry_after_s,
        }
        _emit({"input": subject, **fields} if subject else fields)
        return
    typer.echo(f"{clean(subject) or 'argosy'}: {describe(error, address)}", err=True)


def report_input(error: Exception, *, as_json: bool, subject: str = "") -> None:
    """Prints an input that could not be read or sent."""
    message = describe_input(error, subject)
    if as_json:
        fields = {"code": "INPUT", "message": message}
        _emit({"input": subject, **fields} if subject else fields)
    else:
        typer.echo(f"{clean(subject) or 'argosy'}: {message}", err=True)


def report_kube(error: Exception, *, as_json: bool) -> None:
    """Prints why a fleet on Kubernetes could not be reached, or would not do what was asked."""
    if as_json:
        _emit({"code": "KUBERNETES", "message": clean(str(error))})
    else:
        typer.echo(f"argosy: {clean(str(error))}", err=True)


def describe(error: "ArgosyError", address: str) -> str:
    """One line for a failed call: status, reason, what is wrong, and what to do where the fleet did not say."""
    if unreachable(error):
        return f"UNAVAILABLE: no answer at {address} ({_cause(error.message)}); is the fleet running? make run"
    return clean(f"{error}{_advice(error, address)}")


def describe_input(error: Exception, subject: str = "") -> str:
    """One line for an input that could not be read or sent; a file that is the subject is not named again."""
    if isinstance(error, OSError) and error.strerror:
        file = "" if error.filename is None or str(error.filename) == subject else f": {error.filename}"
        return clean(f"{error.strerror}{file}")
    return clean(" ".join(str(error).split()))


def unreachable(error: "ArgosyError") -> bool:
    """Whether nothing answered at all, so that further calls are in vain."""
    return error.code.name == "UNAVAILABLE" and any(text in error.message for text in _NO_CONNECTION)


def _cause(message: str) -> str:
    for text, cause in _CAUSES.items():
        if text in message:
            return cause
    return clean(" ".join(message.split()))


def _advice(error: "ArgosyError", address: str) -> str:
    if error.retry_after_s is not None:
        return f"; try again in {error.retry_after_s:.2g} s"
    if error.code.name == "DEADLINE_EXCEEDED" and not error.reason:
        return "; --timeout allows more time"
    if error.code.name == "UNIMPLEMENTED" and not error.reason:
        return f"; is {address} the gateway of an Argosy fleet?"
    if error.reason == "MODEL_NOT_FOUND":
        return "; 'argosy models' lists what there is"
    if error.reason == "MODEL_NOT_READY" and "model" in error.metadata:
        return f"; 'argosy models show {error.metadata['model']}' says more"
    return ""


def _emit(fields: dict[str, Any]) -> None:
    typer.echo(json.dumps({"error": fields}, ensure_ascii=False), err=True)
