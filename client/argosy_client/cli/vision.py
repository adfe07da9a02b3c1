# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy vision``: images."""

from pathlib import Path
from typing import Annotated

import typer

from argosy_client.cli.command import command
from argosy_client.cli.options import Connection, ModelChoice, TopK
from argosy_client.cli.vectors import show_vectors

app = typer.Typer(help="Classify and embed images.", no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="PNG, JPEG, WebP or BMP files.")]


@app.command("classify")
@command
def classify(files: Files, connection: Connection, choice: ModelChoice, top_k: TopK = 0) -> None:
    """Classify images."""
    from argosy_client.cli.batch import each_file
    from argosy_client.cli.labelled import show_labelled

    with connection.open() as fleet:
        done, failed = each_file(
            files,
            connection,
            lambda file: fleet.vision.classify(file, model=choice.model, version=choice.model_version, top_k=top_k),
        )
    show_labelled("file", [(str(file), result) for file, result in done], connection, choice)
    if failed:
        raise typer.Exit(1)


@app.command("embed")
@command
def embed(
    files: Files,
    connection: Connection,
    choice: ModelChoice,
    output: Annotated[
        Path | None, typer.Option("--output", help="Save the vectors as a NumPy file, float32 [files, dimensions].")
    ] = None,
) -> None:
    """Embed images into a vector space."""
    from argosy_client.cli.batch import each_file

    with connection.open() as fleet:
        done, failed = each_file(
            files,
            connection,
            lambda file: fleet.vision.embed(file, model=choice.model, version=choice.model_version),
        )
    show_vectors("file", [(str(file), result[0], result) for file, result in done], connection, choice, output)
    if failed:
        raise typer.Exit(1)
