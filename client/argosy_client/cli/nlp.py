# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy nlp``: texts."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from argosy_client.cli.command import command
from argosy_client.cli.options import Connection, ModelChoice, TopK
from argosy_client.cli.vectors import show_vectors

app = typer.Typer(
    help="Classify, embed, compare and tokenize texts, find entities, explain labels.", no_args_is_help=True
)


class Overflow(StrEnum):
    """What happens with long texts."""

    truncate = "truncate"
    window = "window"


class Pooling(StrEnum):
    """How the vectors of tokens become one."""

    mean = "mean"
    first = "first"
    max = "max"


Texts = Annotated[list[str], typer.Argument(metavar="TEXT...", help="Texts, each in quotes.")]
Long = Annotated[
    Overflow,
    typer.Option(
        "--overflow", help="Cut texts that are longer than the model takes, or read them through windows that overlap."
    ),
]
Labels = Annotated[
    list[str] | None,
    typer.Option("--label", help="Label to choose from, for a model that classifies by given labels; repeat it."),
]


@app.command("classify")
@command
def classify(
    texts: Texts,
    connection: Connection,
    choice: ModelChoice,
    top_k: TopK = 0,
    overflow: Long = Overflow.truncate,
    label: Labels = None,
) -> None:
    """Classify texts, for instance by their sentiment, or by labels that you give."""
    from argosy_client.cli.labelled import show_labelled

    with connection.open() as fleet:
        results = fleet.nlp.classify(
            texts,
            model=choice.model,
            version=choice.model_version,
            top_k=top_k,
            overflow=overflow.value,
            labels=label or [],
        )
    show_labelled("text", list(zip(texts, results, strict=True)), connection, choice)


@app.command("tokens")
@command
def tokens(texts: Texts, connection: Connection, choice: ModelChoice, overflow: Long = Overflow.truncate) -> None:
    """Find the parts of texts that name something, such as products and places."""
    from argosy_client.cli.nlp_view import show_entities

    with connection.open() as fleet:
        results = fleet.nlp.classify_tokens(
            texts, model=choice.model, version=choice.model_version, overflow=overflow.value
        )
    show_entities(texts, results, connection, choice)


@app.command("embed")
@command
def embed(
    texts: Texts,
    connection: Connection,
    choice: ModelChoice,
    output: Annotated[
        Path | None, typer.Option("--output", help="Save the vectors as a NumPy file, float32 [texts, dimensions].")
    ] = None,
    overflow: Long = Overflow.truncate,
    pooling: Annotated[
        Pooling | None,
        typer.Option("--pooling", help="How the vectors of tokens become one; as the model declares if not given."),
    ] = None,
    normalize: Annotated[
        bool | None,
        typer.Option(
            "--normalize/--no-normalize", help="Scale vectors to length 1; as the model declares if not given."
        ),
    ] = None,
) -> None:
    """Embed texts into a vector space."""
    with connection.open() as fleet:
        answer = fleet.nlp.embed(
            texts,
            model=choice.model,
            version=choice.model_version,
            overflow=overflow.value,
            pooling=pooling.value if pooling else None,
            normalize=normalize,
        )
    rows = [(text, answer[index], answer) for index, text in enumerate(texts)]
    show_vectors("text", rows, connection, choice, output)


@app.command("tokenize")
@command
def tokenize(texts: Texts, connection: Connection, choice: ModelChoice) -> None:
    """Split texts into the tokens that the model sees."""
    from argosy_client.cli.nlp_view import show_tokens

    with connection.open() as fleet:
        results = fleet.nlp.tokenize(texts, model=choice.model, version=choice.model_version)
    show_tokens(texts, results, connection, choice)


@app.command("similarity")
@command
def similarity(
    texts: Texts,
    connection: Connection,
    choice: ModelChoice,
    other: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="TEXT", help="Text to compare with, instead of with each other; repeat it."),
    ] = None,
    overflow: Long = Overflow.truncate,
) -> None:
    """Tell how alike texts are by their meaning."""
    from argosy_client.cli.nlp_view import show_similarities

    others = other or []
    with connection.open() as fleet:
        answer = fleet.nlp.similarity(
            texts, others, model=choice.model, version=choice.model_version, overflow=overflow.value
        )
    show_similarities(texts, others or texts, answer, connection, choice)


@app.command("rerank")
@command
def rerank(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Query, in quotes.")],
    documents: Annotated[list[str], typer.Argument(metavar="DOCUMENT...", help="Documents, each in quotes.")],
    connection: Connection,
    choice: ModelChoice,
    top_k: TopK = 0,
    overflow: Long = Overflow.truncate,
) -> None:
    """Order documents by how well they answer a query."""
    from argosy_client.cli.nlp_view import show_ranked

    with connection.open() as fleet:
        answer = fleet.nlp.rerank(
            query,
            documents,
            model=choice.model,
            version=choice.model_version,
            top_k=top_k,
            overflow=overflow.value,
        )
    show_ranked(documents, answer, connection, choice)


@app.command("explain")
@command
def explain(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The text, in quotes.")],
    connection: Connection,
    choice: ModelChoice,
    method: Annotated[str, typer.Option("--method", help="erasure or shapley; the model's default if not given.")] = "",
    target: Annotated[str, typer.Option("--target", help="Label that is explained; the best one if not given.")] = "",
    max_evaluations: Annotated[
        int, typer.Option("--max-evaluations", min=0, help="Altered texts on which the model runs; 0: a default.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Seed of random choices.")] = 0,
    label: Labels = None,
    explain_to: Annotated[
        Path | None, typer.Option("--explain-to", metavar="FILE", help="Draw the text to this file, .html or .svg.")
    ] = None,
) -> None:
    """Explain which words of a text its label rests on."""
    from argosy_client.cli.nlp_view import picture_of, show_explanation

    picture = picture_of(explain_to)
    with connection.open() as fleet:
        found = fleet.nlp.explain(
            text,
            method=method,
            target=target,
            max_evaluations=max_evaluations,
            seed=seed,
            picture=picture,
            labels=label or [],
            model=choice.model,
            version=choice.model_version,
        )
    if explain_to is not None and found.summary.rendering is not None:
        explain_to.write_bytes(found.summary.rendering.data)
    show_explanation(found, connection, choice, None if explain_to is None else str(explain_to))
