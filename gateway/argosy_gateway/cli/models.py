# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy models load|unload|label``: edit the fleet document, which owns these facts; control planes apply it.

Imports what it needs when it runs: these verbs are found whenever ``argosy models`` is used.
"""

from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from argosy_gateway.local.options import Options

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the model.")]
Fleet = Annotated[Path, typer.Option(help="Fleet document to edit.")]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, errors too.")]
FLEET = Options().fleet


def load(name: Name, fleet: Fleet = FLEET, as_json: Json = False) -> None:
    """Bring a model back into service."""
    _set_loaded(name, fleet, loaded=True, as_json=as_json)


def unload(name: Name, fleet: Fleet = FLEET, as_json: Json = False) -> None:
    """Take a model out of service: its calls in progress finish, then its memory is freed."""
    _set_loaded(name, fleet, loaded=False, as_json=as_json)


def label(
    name: Name,
    labels: Annotated[
        list[str] | None, typer.Argument(metavar="[LABEL=VERSION]...", help="Labels to set, such as stable=2.")
    ] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", metavar="LABEL", help="Label to remove.")] = None,
    fleet: Fleet = FLEET,
    as_json: Json = False,
) -> None:
    """Make version labels of a model, such as stable, point to versions."""
    from argosy_gateway import document_edit
    from argosy_gateway.document import DocumentError

    removed = remove or []
    try:
        wanted = dict(_label(text) for text in labels or [])
        if not wanted and not removed:
            raise ValueError("name a label to set, such as stable=2, or one to --remove")
        changed = document_edit.set_labels(fleet, name, wanted, tuple(removed))
    except (DocumentError, OSError, ValueError) as error:
        refuse(error, as_json)
    what = [f"{one} is version {version}" for one, version in wanted.items()]
    what += [f"{one} is removed" for one in removed]
    facts = {"model": name, "labels": wanted, "removed": removed, "changed": changed, "fleet": str(fleet)}
    tell(facts, f"{', '.join(what)} in {fleet}{already(changed)}", as_json)


def _set_loaded(name: str, fleet: Path, *, loaded: bool, as_json: bool) -> None:
    from argosy_gateway import document, document_edit
    from argosy_gateway.document import DocumentError

    try:
        before = document.load(fleet)
        held = any(name in _folders(Path(worker.repository)) for worker in before.workers if worker.repository)
        changed = document_edit.set_loaded(fleet, name, loaded)
    except (DocumentError, OSError) as error:
        refuse(error, as_json)
    what = f"{'loaded' if loaded else 'unloaded'} in {fleet}{already(changed)}"
    if loaded and not held and name not in before.models:
        what = f"nothing to change: {fleet} does not name it, and no repository that it names holds it"
    facts = {"model": name, "loaded": loaded, "in_repository": held, "changed": changed, "fleet": str(fleet)}
    tell(facts, what, as_json)


def _folders(repository: Path) -> list[str]:
    """Names of the folders in a repository; none where it is not on this machine."""
    return [path.name for path in repository.iterdir() if path.is_dir()] if repository.is_dir() else []


def _label(text: str) -> tuple[str, int]:
    name, sign, version = text.partition("=")
    if not sign or not name or not version.isascii() or not version.isdecimal():
        raise ValueError(f"'{text}' is not LABEL=VERSION, such as stable=2")
    return name, int(version)


def already(changed: bool) -> str:
    """Says so where there was nothing to change."""
    return "" if changed else " already"


def tell(facts: dict[str, Any], what: str, as_json: bool) -> None:
    """Prints what was done to a model, as JSON or in a line."""
    from argosy_client.cli.output import print_json
    from argosy_client.cli.text import clean

    if as_json:
        print_json(facts)
    else:
        typer.echo(clean(f"{facts['model']}: {what}"))


def refuse(error: Exception, as_json: bool) -> NoReturn:
    """Prints why it cannot be done, and exits with 2."""
    from argosy_client.cli.errors import report_input

    report_input(error, as_json=as_json)
    raise typer.Exit(2)
