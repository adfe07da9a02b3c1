# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Rows of features as people write them: CSV files, and NAME=VALUE lists."""

import csv
from pathlib import Path

import typer


def read_csv(file: Path) -> list[dict[str, float]]:
    """Reads a CSV file (UTF-8) whose first line names the features.

    Raises:
        OSError: The file cannot be read.
        ValueError: No rows, a row of another length, or a value that is no number; names the line and the column.
    """
    with file.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.reader(lines)
        header = [name.strip() for name in next(reader, [])]
        if len(set(header)) != len(header) or "" in header:
            raise ValueError(f"{file}:1: the first line must name each feature once")
        rows = [_row(header, values, f"{file}:{reader.line_num}") for values in reader if any(map(str.strip, values))]
    if not rows:
        raise ValueError(f"{file} has no rows below its first line")
    return rows


def parse_row(text: str) -> dict[str, float]:
    """Reads "name=value,name=value". Raises typer.BadParameter for anything else."""
    row: dict[str, float] = {}
    for part in text.split(","):
        name, separator, value = part.rpartition("=")
        if not separator or not name.strip():
            raise typer.BadParameter(f"{part.strip()!r} is not name=value", param_hint="--row")
        if name.strip() in row:
            raise typer.BadParameter(f"feature {name.strip()!r} is given twice", param_hint="--row")
        try:
            row[name.strip()] = float(value)
        except ValueError:
            raise typer.BadParameter(f"{value.strip()!r} is not a number", param_hint="--row") from None
    return row


def _row(header: list[str], values: list[str], where: str) -> dict[str, float]:
    if len(values) != len(header):
        raise ValueError(f"{where}: {len(values)} values for {len(header)} features")
    row: dict[str, float] = {}
    for name, value in zip(header, values, strict=True):
        try:
            row[name] = float(value)
        except ValueError:
            raise ValueError(f"{where}: {value.strip()!r} in column {name!r} is not a number") from None
    return row
