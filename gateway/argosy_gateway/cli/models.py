# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy models load|unload|label``: edit the fleet document, which owns these facts; control planes apply it.

Imports what it needs when it runs: these verbs are found whenever ``argosy models`` is used.
"""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from argosy_gateway.local.options import Options

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the model.")]
Fleet = Annotated[Path, typer.Option(help="Fleet document to edit.")]
FLEET = Options().fleet


def load(name: Name, fleet: Fleet = FLEET) -> None:
    """Bring a model back into service."""
    _set_loaded(name, fleet, loaded=True)


def unload(name: Name, fleet: Fleet = FLEET) -> None:
    """Take a model out of service: its calls in progress finish, then its memory is freed."""
    _set_loaded(name, fleet, loaded=False)


def label(
    name: Name,
    labels: Annotated[
        list[str] | None, typer.Argument(metavar="[LABEL=VERSION]...", help="Labels to set, such as stable=2.")
    ] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", metavar="LABEL", help="Label to remove.")] = None,
    fleet: Fleet = FLEET,
) -> None:
    """Make version labels of a model, such as stable, point to versions."""
    wanted = dict(_label(text) for text in labels or [])
    if not wanted and not remove:
        _refuse("name a label to set, such as stable=2, or one to --remove")
    from argosy_gateway import document_edit
    from argosy_gateway.document import DocumentError

    try:
        changed = document_edit.set_labels(fleet, name, wanted, tuple(remove or ()))
    except DocumentError as error:
        _refuse(str(error))
    what = [*(f"{one} is version {version}" for one, version in wanted.items())]
    what += [f"{one} is removed" for one in remove or []]
    _tell(name, ", ".join(what), fleet, changed)


def _set_loaded(name: str, fleet: Path, *, loaded: bool) -> None:
    from argosy_gateway import document_edit
    from argosy_gateway.document import DocumentError

    try:
        changed = document_edit.set_loaded(fleet, name, loaded)
    except DocumentError as error:
        _refuse(str(error))
    _tell(name, "loaded" if loaded else "unloaded", fleet, changed)


def _label(text: str) -> tuple[str, int]:
    name, sign, version = text.partition("=")
    if not sign or not name or not version.isascii() or not version.isdecimal():
        _refuse(f"'{text}' is not LABEL=VERSION, such as stable=2")
    return name, int(version)


def _tell(name: str, what: str, fleet: Path, changed: bool) -> None:
    typer.echo(f"{name}: {what} in {fleet}" + ("" if changed else " already"))


def _refuse(text: str) -> NoReturn:
    typer.echo(f"argosy models: {text}", err=True)
    raise typer.Exit(2)
