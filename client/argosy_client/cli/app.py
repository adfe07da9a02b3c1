# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The root command: options that concern no single verb, and the verbs."""

from typing import Annotated

import typer
import typer.main

from argosy_client.cli.group import LazyGroup

app = typer.Typer(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"argosy {version('argosy')}")
        raise typer.Exit()


@app.callback()
def root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Ask a fleet of models: images, speech, text, recommendations and tables.

    The fleet is at --address, or ARGOSY_ADDRESS, or 127.0.0.1:8080. 'argosy demo' asks each domain once.
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def run() -> None:
    """Runs the command line with the process's arguments and exits."""
    typer.main.get_command(app).main(prog_name="argosy")
