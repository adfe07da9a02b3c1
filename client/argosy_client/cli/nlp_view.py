# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What ``argosy nlp`` shows."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import typer

from argosy_client.cli.options import Connection, ModelChoice
from argosy_client.cli.output import answered_by, cell, console, number, plain, print_json, score, table, timing_line

if TYPE_CHECKING:
    from rich.console import Console

    from argosy_client.domains.nlp_calls import Picture
    from argosy_client.text_results import RankedDocuments, Similarities, TextEntities, TextExplanation, Tokens

#: Most words shown of an explanation.
SHOWN = 20
_PICTURES: "dict[str, Picture]" = {".svg": "svg", ".html": "html", ".htm": "html"}


def picture_of(path: Path | None) -> "Picture | None":
    """The kind of picture that a file's ending asks for; None for no file."""
    if path is None:
        return None
    if path.suffix.lower() not in _PICTURES:
        raise typer.BadParameter(f"{path.name} ends neither in .svg nor in .html", param_hint="--explain-to")
    return _PICTURES[path.suffix.lower()]


def show_entities(
    texts: Sequence[str], results: "Sequence[TextEntities]", connection: Connection, choice: ModelChoice
) -> None:
    """Prints the entities of each text."""
    if connection.json:
        print_json([{"input": text, **plain(result)} for text, result in zip(texts, results, strict=True)])
        return
    screen = console()
    for text, result in zip(texts, results, strict=True):
        screen.print(cell(_headed(text, result.truncated), "bold"))
        shown = table("entity", "kind", "score", "characters", numeric=["score", "characters"])
        for each in result:
            place = f"{each.span.character_start}-{each.span.character_end}"
            shown.add_row(cell(each.text), cell(each.label.label), cell(score(each.label.score)), cell(place))
        screen.print(shown if result.entities else cell("nothing found", "dim"))
    _end(screen, results[0], choice)


def show_tokens(texts: Sequence[str], results: "Sequence[Tokens]", connection: Connection, choice: ModelChoice) -> None:
    """Prints the tokens of each text."""
    if connection.json:
        print_json([{"input": text, **plain(result)} for text, result in zip(texts, results, strict=True)])
        return
    screen = console()
    for text, result in zip(texts, results, strict=True):
        screen.print(cell(_headed(text, result.truncated), "bold"))
        shown = table("token", "id", numeric=["id"])
        for token, one in zip(result.tokens, result.ids, strict=True):
            shown.add_row(cell(token), cell(one))
        screen.print(shown)
    _end(screen, results[0], choice)


def show_similarities(
    texts: Sequence[str], others: Sequence[str], answer: "Similarities", connection: Connection, choice: ModelChoice
) -> None:
    """Prints each pair, the most alike first; a text is not compared with itself."""
    if connection.json:
        print_json({"texts": texts, "others": others, **plain(answer)})
        return
    among = texts is others
    pairs = [
        (float(answer.values[row, column]), text, other)
        for row, text in enumerate(texts)
        for column, other in enumerate(others)
        if not among or row < column
    ]
    screen = console()
    shown = table("similarity", "text", "other", numeric=["similarity"])
    for value, text, other in sorted(pairs, key=lambda pair: -pair[0]):
        shown.add_row(cell(f"{value:.4f}"), cell(text), cell(other))
    screen.print(shown)
    _end(screen, answer, choice)


def show_ranked(
    documents: Sequence[str], answer: "RankedDocuments", connection: Connection, choice: ModelChoice
) -> None:
    """Prints documents, the best first."""
    if connection.json:
        ranked = [{**plain(one), "document": documents[one.index]} for one in answer]
        print_json({**plain(answer), "documents": ranked})
        return
    screen = console()
    shown = table("score", "document", numeric=["score"])
    for one in answer:
        shown.add_row(cell(f"{one.score:.4f}"), cell(documents[one.index]))
    screen.print(shown)
    _end(screen, answer, choice)


def show_explanation(
    found: "TextExplanation", connection: Connection, choice: ModelChoice, picture: str | None
) -> None:
    """Prints the words of an explanation, the most important first."""
    summary = found.summary
    if connection.json:
        shown_summary = plain(dataclasses.replace(summary, rendering=None)) | {"rendering": picture}
        print_json({**plain(found), "summary": shown_summary})
        return
    screen = console()
    shown = table("word", "importance", "characters", numeric=["importance", "characters"])
    for place in np.argsort([-abs(token.attribution) for token in found.tokens], kind="stable")[:SHOWN]:
        token = found.tokens[place]
        where = f"{token.span.character_start}-{token.span.character_end}" if token.span else "-"
        shown.add_row(cell(token.token, "bold"), cell(f"{token.attribution:+.4f}"), cell(where))
    screen.print(shown)
    fidelity = "" if summary.fidelity is None else f", fidelity {number(summary.fidelity)}"
    screen.print(
        cell(
            f"{summary.target}: {number(summary.value)}, and {number(summary.base_value)} without any word; "
            f"{summary.method}, {summary.evaluation_count} evaluations{fidelity}"
        )
    )
    if picture:
        screen.print(cell(f"picture in {picture}"))
    _end(screen, found, choice)


def _headed(text: str, truncated: bool) -> str:
    return f"{text}{' (cut to the length of the model)' if truncated else ''}"


def _end(
    screen: "Console",
    answer: "TextEntities | Tokens | Similarities | RankedDocuments | TextExplanation",
    choice: ModelChoice,
) -> None:
    screen.print(answered_by(answer.model, answer.version))
    if choice.timing:
        screen.print(timing_line(answer.timing))
