# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy protos``: the contract, for clients in other languages."""

from pathlib import Path
from typing import Annotated

import typer
from argosy.export import FolderNotEmpty, export

app = typer.Typer(help="The contract, for clients in other languages.", no_args_is_help=True)


@app.callback()
def protos() -> None:
    """The contract, for clients in other languages."""


@app.command("export")
def export_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write; made where it does not exist.")],
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that is not empty.")] = False,
) -> None:
    """Write every .proto file, with all that they import, into a folder that any gRPC client is built from."""
    try:
        written = export(folder, force=force)
    except (FolderNotEmpty, OSError) as error:
        typer.echo(f"argosy protos export: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{len(written)} files in {folder}")
