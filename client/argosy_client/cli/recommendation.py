# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy recommendation``: items and users from a history."""

import math
from typing import TYPE_CHECKING, Annotated

import typer

from argosy_client.cli.command import command
from argosy_client.cli.options import Connection, ModelChoice, TopK

if TYPE_CHECKING:
    from argosy_client.results import RankedItems, SimilarUsers

app = typer.Typer(help="Recommend and rank items, find similar items and users.", no_args_is_help=True)

Items = Annotated[
    list[str],
    typer.Option("--item", metavar="ID[=WEIGHT]", help="Item of the history, with its weight (1 if not given)."),
]


def history(items: list[str]) -> dict[str, float]:
    """Reads items as typed: "ID", or "ID=WEIGHT" with a number above 0. An item named twice counts twice."""
    weights: dict[str, float] = {}
    for item in items:
        name, separator, text = item.rpartition("=")
        weight = _weight(text) if separator and name else None
        key = name if weight is not None else item
        weights[key] = weights.get(key, 0.0) + (1.0 if weight is None else weight)
    return weights


def _weight(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:  # An equals sign within the id.
        return None
    if not (value > 0 and math.isfinite(value)):
        raise typer.BadParameter(f"weight {text} is not a number above 0", param_hint="--item")
    return value


@app.command("recommend")
@command
def recommend(
    item: Items,
    connection: Connection,
    choice: ModelChoice,
    exclude: Annotated[list[str] | None, typer.Option("--exclude", metavar="ID", help="Item to leave out.")] = None,
    top_k: TopK = 0,
) -> None:
    """Recommend items to somebody with a history."""
    with connection.open() as fleet:
        answer = fleet.recommendation.recommend(
            history(item), exclude=exclude or (), model=choice.model, version=choice.model_version, top_k=top_k
        )
    _show_items(answer, connection, choice)


@app.command("similar")
@command
def similar(
    item_id: Annotated[str, typer.Argument(metavar="ID", help="Item to compare with.")],
    connection: Connection,
    choice: ModelChoice,
    top_k: TopK = 0,
) -> None:
    """Find the items most like one item."""
    with connection.open() as fleet:
        answer = fleet.recommendation.similar_items(
            item_id, model=choice.model, version=choice.model_version, top_k=top_k
        )
    _show_items(answer, connection, choice)


@app.command("similar-users")
@command
def similar_users(
    item: Items,
    connection: Connection,
    choice: ModelChoice,
    user: Annotated[str, typer.Option("--user", help="The caller's own user id, to leave out.")] = "",
    top_k: TopK = 0,
) -> None:
    """Find the known users most like a history."""
    with connection.open() as fleet:
        answer = fleet.recommendation.similar_users(
            history(item), user_id=user, model=choice.model, version=choice.model_version, top_k=top_k
        )
    _show_users(answer, connection, choice)


@app.command("rank")
@command
def rank(
    item: Items,
    candidate: Annotated[list[str], typer.Option("--candidate", metavar="ID", help="Item to score.")],
    connection: Connection,
    choice: ModelChoice,
) -> None:
    """Score given items for somebody with a history."""
    with connection.open() as fleet:
        answer = fleet.recommendation.rank(history(item), candidate, model=choice.model, version=choice.model_version)
    _show_items(answer, connection, choice)


def _show_items(answer: "RankedItems", connection: Connection, choice: ModelChoice) -> None:
    rows = [(one.item_id, one.name, one.score) for one in answer.items]
    _show(answer, ("item", "name", "score"), rows, connection, choice)


def _show_users(answer: "SimilarUsers", connection: Connection, choice: ModelChoice) -> None:
    rows = [(one.user_id, one.score) for one in answer.users]
    _show(answer, ("user", "score"), rows, connection, choice)


def _show(
    answer: "RankedItems | SimilarUsers",
    headers: tuple[str, ...],
    rows: "list[tuple[str, str, float]] | list[tuple[str, float]]",
    connection: Connection,
    choice: ModelChoice,
) -> None:
    from argosy_client.cli.output import answered_by, cell, console, print_json, score, table, timing_line

    if connection.json:
        print_json(answer)
        return
    screen = console()
    shown = table(*headers, numeric=["score"])
    for *texts, value in rows:
        shown.add_row(*(cell(text) for text in texts), cell(score(float(value))))
    screen.print(shown)
    screen.print(answered_by(answer.model, answer.version))
    if choice.timing:
        screen.print(timing_line(answer.timing))
