# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy tabular``: rows of features."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from argosy_client.cli.command import command
from argosy_client.cli.options import Connection, ModelChoice

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from argosy_client.tabular_results import TabularResult

app = typer.Typer(help="Predict from rows of features, watch readings, explain predictions.", no_args_is_help=True)

#: Rows in one call, the default limit of a model.
ROWS_PER_CALL = 256
#: Stands for standard input.
STDIN = Path("-")


@app.callback()
def group() -> None:
    """Predict from rows of features, watch readings, explain predictions."""


@app.command("predict")
@command
def predict(
    connection: Connection,
    choice: ModelChoice,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="CSV file whose first line names the features, or Parquet file."),
    ] = None,
    row: Annotated[
        list[str] | None, typer.Option("--row", metavar="NAME=VALUE,...", help="A row; may be given several times.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="File for the predictions, Parquet or CSV by its ending; rows that cannot be used have their error "
            "in its column 'error'.",
        ),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="COLUMN", help="With --out: a column that goes there and not to the model."),
    ] = None,
    rows_per_call: Annotated[
        int, typer.Option("--rows-per-call", min=1, help="Rows in one call, at most the model's limit.")
    ] = ROWS_PER_CALL,
) -> None:
    """Predict one result for each row of a file, or for rows given as options."""
    from argosy_client.cli.rows import parse_row, read_rows
    from argosy_client.cli.tabular_view import show_predictions

    if (file is None) == (not row):
        raise typer.BadParameter("give either a CSV file or --row NAME=VALUE,...")
    if file is not None and out is not None:
        _predict_file(connection, choice, file, out, keep or [], rows_per_call)
        return
    if out is not None or keep:
        raise typer.BadParameter("--out needs a file, and --keep needs --out")
    rows = read_rows(file) if file else [parse_row(text) for text in row or ()]
    results: list[TabularResult] = []
    with connection.open() as fleet:
        for start in range(0, len(rows), rows_per_call):
            part = rows[start : start + rows_per_call]
            results += fleet.tabular.predict(part, model=choice.model, version=choice.model_version)
    show_predictions(results, connection, choice)


def _predict_file(
    connection: Connection, choice: ModelChoice, file: Path, out: Path, keep: list[str], rows_per_call: int
) -> None:
    from argosy_client.cli.output import answered_by, cell, console, plain, print_json
    from argosy_client.cli.tabular_batch import predict_file

    with connection.open() as fleet:

        def call(rows: list[dict[str, float]]) -> "list[TabularResult]":
            return fleet.tabular.predict(rows, report_errors=True, model=choice.model, version=choice.model_version)

        tally = predict_file(file, out, keep, rows_per_call, call)
    if connection.json:
        print_json({"file": str(out), **plain(tally)})
        return
    screen = console()
    screen.print(cell(f"{tally.rows} rows in {out}, {tally.errors} of them with an error"))
    if tally.model:
        screen.print(answered_by(tally.model, tally.version))


@app.command("watch")
@command
def watch(
    connection: Connection,
    choice: ModelChoice,
    file: Annotated[
        Path,
        typer.Argument(metavar="[CSV]", help="File of readings in the order of time; - reads standard input."),
    ] = STDIN,
    step: Annotated[int, typer.Option("--step", min=1, help="Readings from one prediction to the next.")] = 1,
    window: Annotated[
        int, typer.Option("--window", min=0, help="Readings in the window, for a model of any length.")
    ] = 0,
) -> None:
    """Predict while readings arrive: a window slides over the lines of a CSV file, whose first names the features.

    A cell that is empty, or no number, counts as missing. With --json there is one object a line.
    """
    import json

    from argosy_client.cli.output import answered_by, cell, console
    from argosy_client.cli.rows import follow_csv
    from argosy_client.cli.tabular_view import streamed, verdict
    from argosy_client.cli.text import clean

    answered = None
    with connection.open() as fleet:
        found = fleet.tabular.predict_stream(
            follow_csv(file), step=step, window=window, model=choice.model, version=choice.model_version
        )
        for answered in found:
            if connection.json:
                typer.echo(json.dumps(streamed(answered), ensure_ascii=False))
            else:
                typer.echo(f"{answered.reading_count:>8}  {clean(verdict(answered.result))}")
    if answered is not None and not connection.json:
        console().print(answered_by(answered.result.model, answered.result.version))
    elif answered is None and not connection.json:
        console().print(cell("no prediction: fewer readings than the window holds", "dim"))


@app.command("explain")
@command
def explain(
    connection: Connection,
    choice: ModelChoice,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[CSV]",
            help="File with one row; or, for a model of sequences, one sequence, a reading a line, its columns in the "
            "model's order.",
        ),
    ] = None,
    row: Annotated[str | None, typer.Option("--row", metavar="NAME=VALUE,...", help="The row.")] = None,
    sequence: Annotated[bool, typer.Option("--sequence", help="Take the whole file as one sequence.")] = False,
    target: Annotated[
        str, typer.Option("--target", help="Label or value that is explained; the best or first if not given.")
    ] = "",
    max_evaluations: Annotated[
        int, typer.Option("--max-evaluations", min=0, help="Altered inputs on which the model runs; 0: a default.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Seed of random choices.")] = 0,
    explain_to: Annotated[
        Path | None, typer.Option("--explain-to", metavar="PNG", help="Draw the features' importance to this file.")
    ] = None,
) -> None:
    """Explain a prediction: which features it rests on, against the ordinary rows stored with the model."""
    from argosy_client.cli.rows import parse_row, read_csv
    from argosy_client.cli.tabular_view import show_explanation

    if (file is None) == (row is None):
        raise typer.BadParameter("give either a CSV file or --row NAME=VALUE,...")
    rows = read_csv(file) if file else [parse_row(row or "")]
    if not sequence and len(rows) > 1:
        raise typer.BadParameter(f"{file} has {len(rows)} rows; give one, or --sequence where they are one sequence")
    with connection.open() as fleet:
        found = fleet.tabular.explain(
            _sequence(rows) if sequence else rows[0],
            target=target,
            max_evaluations=max_evaluations,
            seed=seed,
            picture=explain_to is not None,
            model=choice.model,
            version=choice.model_version,
            timeout_s=connection.timeout,
        )
    if explain_to is not None and found.summary.rendering is not None:
        explain_to.write_bytes(found.summary.rendering.data)
    show_explanation(found, connection, choice, str(explain_to) if explain_to else None)


def _sequence(rows: list[dict[str, float]]) -> "NDArray[Any]":
    """The rows' values as they stand: [timesteps, features]."""
    import numpy as np

    return np.array([list(row.values()) for row in rows], np.float64)
