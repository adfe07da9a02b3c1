# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy tabular``: rows of features."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from argosy_client.cli.command import command
from argosy_client.cli.options import Connection, ModelChoice

if TYPE_CHECKING:
    from argosy_client.results import TabularResult

app = typer.Typer(help="Predict from rows of features.", no_args_is_help=True)

#: Rows in one call, the default limit of a model.
ROWS_PER_CALL = 256


@app.callback()
def group() -> None:
    """Predict from rows of features."""


@app.command("predict")
@command
def predict(
    connection: Connection,
    choice: ModelChoice,
    file: Annotated[
        Path | None, typer.Argument(metavar="[CSV]", help="File of rows; its first line names the features.")
    ] = None,
    row: Annotated[
        list[str] | None, typer.Option("--row", metavar="NAME=VALUE,...", help="A row; may be given several times.")
    ] = None,
) -> None:
    """Predict one result for each row of a CSV file, or for rows given as options."""
    from argosy_client.cli.rows import parse_row, read_csv

    if (file is None) == (not row):
        raise typer.BadParameter("give either a CSV file or --row NAME=VALUE,...")
    rows = read_csv(file) if file else [parse_row(text) for text in row or ()]
    results: list[TabularResult] = []
    with connection.open() as fleet:
        for start in range(0, len(rows), ROWS_PER_CALL):
            part = rows[start : start + ROWS_PER_CALL]
            results += fleet.tabular.predict(part, model=choice.model, version=choice.model_version)
    _show(results, connection, choice)


def _show(results: "list[TabularResult]", connection: Connection, choice: ModelChoice) -> None:
    from argosy_client.cli.output import (
        answered_by,
        cell,
        console,
        number,
        plain,
        print_json,
        score,
        table,
        timing_line,
    )
    from argosy_client.cli.output import rest as rest_of

    if connection.json:
        print_json([{"row": index, **plain(result)} for index, result in enumerate(results, 1)])
        return
    screen = console()
    if results[0].classes:
        shown = table("row", "class", "score", "then", numeric=["row"])
        for index, result in enumerate(results, 1):
            best = result.classes[0]
            shown.add_row(
                cell(index), cell(best.label, "bold"), cell(score(best.score)), cell(rest_of(result.classes), "dim")
            )
    else:
        shown = table("row", "prediction", numeric=["row", "prediction"])
        for index, result in enumerate(results, 1):
            shown.add_row(cell(index), cell(", ".join(number(value) for value in result.values), "bold"))
    screen.print(shown)
    screen.print(answered_by(results[0].model, results[0].version))
    if choice.timing:
        screen.print(timing_line(results[-1].timing))
