# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy recommendation``: items and users from a history."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from argosy_client.cli.command import command
from argosy_client.cli.options import Connection, ModelChoice, TopK

if TYPE_CHECKING:
    from argosy_client.recommendation_results import RankedItems, SimilarUsers

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


def conditions(filters: list[str]) -> dict[str, list[str]]:
    """Reads filters as typed, "ATTRIBUTE=VALUE"; several values of one attribute are alternatives."""
    wanted: dict[str, list[str]] = {}
    for text in filters:
        attribute, separator, value = text.partition("=")
        if not (separator and attribute and value):
            raise typer.BadParameter(f"{text!r} is not ATTRIBUTE=VALUE", param_hint="--filter")
        wanted.setdefault(attribute, []).append(value)
    return wanted


@app.command("recommend")
@command
def recommend(
    connection: Connection,
    choice: ModelChoice,
    item: Annotated[
        list[str] | None,
        typer.Option(
            "--item",
            metavar="ID[=WEIGHT]",
            help="Item of the history, with its weight (1 if not given); without any, what is popular.",
        ),
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option("--exclude", metavar="ID", help="Item to leave out.")] = None,
    filters: Annotated[
        list[str] | None,
        typer.Option(
            "--filter",
            metavar="ATTRIBUTE=VALUE",
            help="What every item must have; repeated for one attribute, one of the values.",
        ),
    ] = None,
    reasons: Annotated[
        int, typer.Option("--reasons", min=0, max=20, help="Items of the history to name as reasons for each item.")
    ] = 0,
    top_k: TopK = 0,
) -> None:
    """Recommend items to somebody, from a history or without one."""
    with connection.open() as fleet:
        answer = fleet.recommendation.recommend(
            history(item or []),
            exclude=exclude or (),
            filters=conditions(filters or []),
            reasons=reasons,
            model=choice.model,
            version=choice.model_version,
            top_k=top_k,
        )
    _show_items(answer, connection, choice, reasons=reasons > 0)


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


def _show_items(answer: "RankedItems", connection: Connection, choice: ModelChoice, *, reasons: bool = False) -> None:
    from argosy_client.cli.output import score

    rows = [
        (
            one.item_id,
            one.name,
            score(one.score),
            ", ".join(f"{why.item_id} {score(why.contribution)}" for why in one.reasons),
        )
        for one in answer.items
    ]
    headers = ("item", "name", "score", "because of")
    _show(answer, headers if reasons else headers[:3], rows, connection, choice)


def _show_users(answer: "SimilarUsers", connection: Connection, choice: ModelChoice) -> None:
    from argosy_client.cli.output import score

    rows = [(one.user_id, score(one.score)) for one in answer.users]
    _show(answer, ("user", "score"), rows, connection, choice)


def _show(
    answer: "RankedItems | SimilarUsers",
    headers: tuple[str, ...],
    rows: Sequence[tuple[str, ...]],
    connection: Connection,
    choice: ModelChoice,
) -> None:
    from argosy_client.cli.output import answered_by, cell, console, print_json, table, timing_line

    if connection.json:
        print_json(answer)
        return
    screen = console()
    shown = table(*headers, numeric=["score"])
    for row in rows:
        shown.add_row(*(cell(text) for text in row[: len(headers)]))
    screen.print(shown)
    screen.print(answered_by(answer.model, answer.version))
    if choice.timing:
        screen.print(timing_line(answer.timing))
