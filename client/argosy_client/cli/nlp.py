# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy nlp``: texts."""

from pathlib import Path
from typing import Annotated

import typer

from argosy_client.cli.command import command
from argosy_client.cli.options import Connection, ModelChoice, TopK
from argosy_client.cli.vectors import show_vectors

app = typer.Typer(help="Classify, embed and tokenize texts.", no_args_is_help=True)

Texts = Annotated[list[str], typer.Argument(metavar="TEXT...", help="Texts, each in quotes.")]


@app.command("classify")
@command
def classify(texts: Texts, connection: Connection, choice: ModelChoice, top_k: TopK = 0) -> None:
    """Classify texts, for instance by their sentiment."""
    from argosy_client.cli.labelled import show_labelled

    with connection.open() as fleet:
        results = fleet.nlp.classify(texts, model=choice.model, version=choice.model_version, top_k=top_k)
    show_labelled("text", list(zip(texts, results, strict=True)), connection, choice)


@app.command("embed")
@command
def embed(
    texts: Texts,
    connection: Connection,
    choice: ModelChoice,
    output: Annotated[
        Path | None, typer.Option("--output", help="Save the vectors as a NumPy file, float32 [texts, dimensions].")
    ] = None,
) -> None:
    """Embed texts into a vector space."""
    with connection.open() as fleet:
        answer = fleet.nlp.embed(texts, model=choice.model, version=choice.model_version)
    rows = [(text, answer[index], answer) for index, text in enumerate(texts)]
    show_vectors("text", rows, connection, choice, output)


@app.command("tokenize")
@command
def tokenize(texts: Texts, connection: Connection, choice: ModelChoice) -> None:
    """Split texts into the tokens that the model sees."""
    from argosy_client.cli.output import answered_by, cell, console, plain, print_json, table, timing_line

    with connection.open() as fleet:
        results = fleet.nlp.tokenize(texts, model=choice.model, version=choice.model_version)
    if connection.json:
        print_json([{"input": text, **plain(result)} for text, result in zip(texts, results, strict=True)])
        return
    screen = console()
    for text, result in zip(texts, results, strict=True):
        screen.print(cell(f"{text}{' (cut to the length of the model)' if result.truncated else ''}", "bold"))
        shown = table("token", "id", numeric=["id"])
        for token, number in zip(result.tokens, result.ids, strict=True):
            shown.add_row(cell(token), cell(number))
        screen.print(shown)
    screen.print(answered_by(results[0].model, results[0].version))
    if choice.timing:
        screen.print(timing_line(results[0].timing))
