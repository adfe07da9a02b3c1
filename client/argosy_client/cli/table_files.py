# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Files of rows, CSV and Parquet, read a part at a time, so that they may be larger than memory."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

#: Endings of Parquet files; every other file is CSV.
PARQUET = (".parquet", ".pq")
#: What is installed for Parquet.
_INSTALL = "pip install 'argosy[parquet]'"


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows that follow each other.

    Args:
        rows: Features by name; NaN where a cell is empty.
        errors: What is wrong with a row that cannot be sent, by its place in ``rows``.
        kept: Columns that are no features, each with a value for every row.
        done: Share of the file that has been read, from 0 to 1.
    """

    rows: list[dict[str, float]]
    errors: dict[int, str]
    kept: dict[str, list[Any]]
    done: float


class Source(Protocol):
    """A file of rows. ``kept_types`` are the Arrow types of its kept columns; empty where it knows none."""

    kept_types: dict[str, Any]

    def parts(self, size: int) -> Iterator[Part]:
        """Yields all rows, so many at a time. Raises ValueError or OSError for what cannot be read."""
        ...


def open_source(file: Path, keep: Sequence[str]) -> Source:
    """A file of rows, by its ending.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no such file, lacks a column that is kept, or pyarrow is needed for it and not installed.
    """
    return _ParquetSource(file, keep) if file.suffix.lower() in PARQUET else _CsvSource(file, keep)


def header_of(names: Sequence[str], file: Path) -> list[str]:
    """The columns' names without blanks. Raises ValueError where one is empty or there twice."""
    header = [name.strip() for name in names]
    if len(set(header)) != len(header) or "" in header:
        raise ValueError(f"{file}:1: the first line must name each feature once")
    return header


class _CsvSource:
    def __init__(self, file: Path, keep: Sequence[str]) -> None:
        self._file, self._keep = file, keep
        self.kept_types: dict[str, Any] = {}
        with file.open(newline="", encoding="utf-8-sig") as lines:
            self._header = header_of(next(csv.reader(lines), []), file)
        _check_kept(keep, self._header, file)

    def parts(self, size: int) -> Iterator[Part]:
        whole = max(self._file.stat().st_size, 1)
        with self._file.open("rb") as binary:
            reader = csv.reader(io.TextIOWrapper(binary, newline="", encoding="utf-8-sig"))
            next(reader, None)
            part = Part([], {}, {name: [] for name in self._keep}, 0.0)
            for cells in reader:
                if not any(map(str.strip, cells)):
                    continue
                self._add(part, cells, reader.line_num)
                if len(part.rows) == size:
                    yield Part(part.rows, part.errors, part.kept, binary.tell() / whole)
                    part = Part([], {}, {name: [] for name in self._keep}, 0.0)
            if part.rows:
                yield Part(part.rows, part.errors, part.kept, 1.0)

    def _add(self, part: Part, cells: list[str], line: int) -> None:
        row: dict[str, float] = {}
        problem = ""
        if len(cells) != len(self._header):
            problem = f"line {line}: {len(cells)} values for {len(self._header)} columns"
        for name, cell in zip(self._header, cells, strict=False):
            if name in part.kept:
                continue
            try:
                row[name] = float(cell) if cell.strip() else float("nan")
            except ValueError:
                problem = problem or f"line {line}: {cell.strip()!r} in column {name!r} is not a number"
        if problem:
            part.errors[len(part.rows)] = problem
        values = dict(zip(self._header, cells, strict=False))
        for name, column in part.kept.items():
            column.append(values.get(name, ""))
        part.rows.append(row)


class _ParquetSource:
    def __init__(self, file: Path, keep: Sequence[str]) -> None:
        self._arrow = pyarrow_module()
        self._file, self._keep = file, keep
        with file.open("rb") as opened:  # for the usual error where there is none
            schema = self._checked(self._arrow.parquet.read_schema, opened)
        self._header = header_of(schema.names, file)
        _check_kept(keep, self._header, file)
        self.kept_types = {name: schema.field(name).type for name in keep}
        kinds = self._arrow.types
        for name in self._header:
            kind = schema.field(name).type
            if name not in keep and not (kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_boolean(kind)):
                raise ValueError(f"{file}: column {name!r} holds {kind}, no numbers; --keep {name} does not send it")

    def parts(self, size: int) -> Iterator[Part]:
        with self._arrow.parquet.ParquetFile(self._file) as opened:
            whole, read = max(opened.metadata.num_rows, 1), 0
            batches = opened.iter_batches(batch_size=size)
            while (batch := self._checked(next, batches, None)) is not None:
                read += len(batch)
                names = [name for name in self._header if name not in self._keep]
                columns = [batch.column(name).cast("float64").to_numpy(zero_copy_only=False).tolist() for name in names]
                rows = [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
                kept = {name: batch.column(name).to_pylist() for name in self._keep}
                yield Part(rows or [{} for _ in range(len(batch))], {}, kept, read / whole)

    def _checked(self, read: Any, *arguments: Any) -> Any:
        try:
            return read(*arguments)
        except self._arrow.ArrowException as error:
            raise ValueError(f"{self._file} cannot be read as Parquet: {error}") from error


def _check_kept(keep: Sequence[str], header: Sequence[str], file: Path) -> None:
    for name in keep:
        if name not in header:
            raise ValueError(f"{file} has no column {name!r} to keep; it has {', '.join(header[:20])}")


def pyarrow_module() -> Any:
    """The library for Parquet files. Raises ValueError, with what to install, where it is not there."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise ValueError(f"Parquet files need pyarrow: {_INSTALL}") from error
    return pyarrow
