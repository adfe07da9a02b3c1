# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Figures as a table for people."""

from collections.abc import Iterable

from argosy_client.cli import output
from rich.table import Table

from tools.quality.verdicts import Row

HEADERS = ("model", "figure", "split", "samples", "recorded", "measured", "bound", "verdict")


def texts(row: Row) -> list[str]:
    """The cells of a row; figures have four decimals, as in model.yaml."""
    figures = ["-" if value is None else f"{value:.4f}" for value in (row.recorded, row.measured)]
    samples = "-" if row.samples is None else str(row.samples)
    return [row.model, row.figure, row.split, samples, *figures, row.bound or "-", row.verdict.value]


def table(rows: Iterable[Row]) -> Table:
    """The rows, verdicts in green where they are good and in red else."""
    made = output.table(*HEADERS, numeric=("samples", "recorded", "measured"), whole=("model", "figure", "verdict"))
    for row in rows:
        *cells, verdict = texts(row)
        made.add_row(*map(output.cell, cells), output.cell(verdict, "green" if row.verdict.good else "red"))
    return made
