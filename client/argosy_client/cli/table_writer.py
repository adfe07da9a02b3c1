# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Files of columns, CSV and Parquet, written a part at a time."""

import csv
from contextlib import suppress
from pathlib import Path
from typing import Any

from argosy_client.cli.table_files import PARQUET, pyarrow_module

#: Rows of a Parquet file that are written together.
_GROUP_ROWS = 32_768


class TableWriter:
    """Writes columns, a part at a time, to a file that is there only once it is whole.

    Args:
        file: Where to; Parquet by its ending, else CSV.
        types: Arrow types of columns whose values do not tell them.
    """

    def __init__(self, file: Path, types: dict[str, Any]) -> None:
        self._file, self._types = file, types
        self._part = file.with_name(f".{file.name}.part")
        self._arrow = pyarrow_module() if file.suffix.lower() in PARQUET else None
        self._writer: Any = None
        self._opened: Any = None
        self._tables: list[Any] = []

    def write(self, columns: dict[str, list[Any]]) -> None:
        """Appends rows; the columns are the same each time. Raises OSError where it cannot."""
        if self._arrow is None:
            if self._writer is None:
                self._opened = self._part.open("w", newline="", encoding="utf-8")
                self._writer = csv.writer(self._opened)
                self._writer.writerow(columns)
            self._writer.writerows(zip(*columns.values(), strict=True))
            return
        fields = [self._arrow.field(name, self._type(name)) for name in columns]
        table = self._arrow.table(columns, schema=self._arrow.schema(fields))
        if self._writer is None:
            self._writer = self._opened = self._arrow.parquet.ParquetWriter(self._part, table.schema)
        self._tables.append(table)
        if sum(map(len, self._tables)) >= _GROUP_ROWS:
            self._write_group()

    def _write_group(self) -> None:
        if self._arrow is not None and self._tables:
            self._writer.write_table(self._arrow.concat_tables(self._tables))
            self._tables.clear()

    def _type(self, name: str) -> Any:
        kinds = {"row": "int64", "anomalous": "bool", "class": "string", "error": "string"}
        return self._types.get(name) or kinds.get(name) or ("float64" if name not in self._types else "string")

    def finish(self) -> None:
        """Puts the file in its place."""
        self._write_group()
        if self._opened is not None:
            self._opened.close()
            self._part.replace(self._file)

    def discard(self) -> None:
        """Leaves nothing behind."""
        if self._opened is not None:
            self._opened.close()
        with suppress(FileNotFoundError):
            self._part.unlink()
