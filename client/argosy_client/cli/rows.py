# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Rows of features as people write them: CSV files, and NAME=VALUE lists."""

import contextlib
import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import typer

from argosy_client.cli.table_files import PARQUET, header_of, open_source


def read_csv(file: Path) -> list[dict[str, float]]:
    """Reads a CSV file (UTF-8) whose first line names the features.

    Raises:
        OSError: The file cannot be read.
        ValueError: No rows, a row of another length, or a value that is no number; names the line and the column.
    """
    with file.open(newline="", encoding="utf-8-sig") as lines:
        reader = csv.reader(lines)
        header = header_of(next(reader, []), file)
        rows = [_row(header, values, f"{file}:{reader.line_num}") for values in reader if any(map(str.strip, values))]
    if not rows:
        raise ValueError(f"{file} has no rows below its first line")
    return rows


def read_rows(file: Path) -> list[dict[str, float]]:
    """Reads a file of rows, CSV or Parquet by its ending; errors as of :func:`read_csv`."""
    if file.suffix.lower() not in PARQUET:
        return read_csv(file)
    rows = [row for part in open_source(file, []).parts(1024) for row in part.rows]
    if not rows:
        raise ValueError(f"{file} has no rows")
    return rows


def follow_csv(file: Path) -> Iterator[dict[str, float]]:
    """Yields the rows of a CSV file, or of standard input where it is "-", as they are written.

    A cell that is empty, or no number, is NaN.

    Raises:
        OSError: The file cannot be read.
        ValueError: A row of another length; names the line.
    """
    with contextlib.ExitStack() as stack:
        lines = sys.stdin if str(file) == "-" else stack.enter_context(file.open(newline="", encoding="utf-8-sig"))
        reader = csv.reader(iter(lines.readline, ""))  # iterating over a pipe would wait for many lines
        header = header_of(next(reader, []), file)
        if not header:
            raise ValueError(f"{file} has no first line that names the features")
        for values in reader:
            if not any(map(str.strip, values)):
                continue
            if len(values) != len(header):
                raise ValueError(f"{file}:{reader.line_num}: {len(values)} values for {len(header)} features")
            yield {name: _number(value) for name, value in zip(header, values, strict=True)}


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


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
