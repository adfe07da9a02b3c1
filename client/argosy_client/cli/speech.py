# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy speech``: recorded speech."""

from pathlib import Path
from typing import Annotated

import typer

from argosy_client.cli.command import command
from argosy_client.cli.options import Connection, ModelChoice, TopK

app = typer.Typer(help="Classify recorded speech.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Classify recorded speech."""


@app.command("classify")
@command
def classify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="WAV, FLAC or OGG files.")],
    connection: Connection,
    choice: ModelChoice,
    top_k: TopK = 0,
) -> None:
    """Classify clips, for instance as spoken commands."""
    from argosy_client.cli.batch import each_file
    from argosy_client.cli.labelled import show_labelled

    with connection.open() as fleet:
        done, failed = each_file(
            files,
            connection,
            lambda file: fleet.speech.classify(file, model=choice.model, version=choice.model_version, top_k=top_k),
        )
    show_labelled("file", [(str(file), result) for file, result in done], connection, choice)
    if failed:
        raise typer.Exit(1)
