# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy tabular predict IN --out OUT``: a file of rows to a file of predictions, whatever their size."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argosy_client.cli.output import console
from argosy_client.cli.table_files import Part, open_source
from argosy_client.cli.table_writer import TableWriter
from argosy_client.tabular_results import TabularResult

#: Predicts rows; what is wrong with one of them is its result's error.
Predict = Callable[[list[dict[str, float]]], Sequence[TabularResult]]

#: Calls in flight; enough for the fleet to batch them.
PARALLEL_CALLS = 4
#: Columns of predictions, beside those named "prediction...".
_OWN = frozenset({"row", "class", "score", "anomalous", "error"})
#: Most rows that wait for the first prediction, which says what columns there are.
_MOST_WAITING = 100_000


@dataclass(slots=True)
class Tally:
    """What was done: rows, those of them with an error, and who answered."""

    rows: int = 0
    errors: int = 0
    model: str = ""
    version: str = ""


def predict_file(
    source_file: Path, target_file: Path, keep: Sequence[str], rows_per_call: int, predict: Predict
) -> Tally:
    """Predicts every row of a file and writes a file of predictions, whole or not at all.

    Raises:
        ArgosyError: A call failed.
        OSError: A file cannot be read or written.
        ValueError: The source is no such file, no row of it can be used, or both files are the same.
    """
    if target_file.exists() and target_file.samefile(source_file):
        raise ValueError(f"{target_file} is the file that is read; --out must be another one")
    for name in keep:
        if name in _OWN or name.startswith("prediction"):
            raise ValueError(f"--keep {name}: the file of predictions has a column of that name already")
    source = open_source(source_file, keep)
    writer = _Predictions(TableWriter(target_file, {name: source.kept_types.get(name) for name in keep}))
    try:
        with _Progress(f"{source_file.name}") as progress:
            for part, results in _in_order(source.parts(rows_per_call), predict):
                writer.add(part, results)
                progress.advance(part.done)
        if not writer.tally.rows:
            raise ValueError(f"{source_file} has no rows")
        writer.finish()
    except BaseException:
        writer.discard()
        raise
    return writer.tally


def _in_order(parts: Iterable[Part], predict: Predict) -> Iterator[tuple[Part, list[TabularResult | str]]]:
    """Each part with a result or an error for every row; some calls are in flight at a time."""
    pool = ThreadPoolExecutor(max_workers=PARALLEL_CALLS, thread_name_prefix="argosy")
    waiting: deque[tuple[Part, Future[list[TabularResult | str]]]] = deque()
    try:
        for part in parts:
            waiting.append((part, pool.submit(_results, part, predict)))
            if len(waiting) >= PARALLEL_CALLS:
                first, future = waiting.popleft()
                yield first, future.result()
        for first, future in waiting:
            yield first, future.result()
    finally:
        # Not waiting: an interrupt ends at once, because closing the client cancels what is in flight.
        pool.shutdown(wait=False, cancel_futures=True)


def _results(part: Part, predict: Predict) -> list[TabularResult | str]:
    good = [row for index, row in enumerate(part.rows) if index not in part.errors]
    found = iter(predict(good) if good else ())
    return [part.errors[index] if index in part.errors else next(found) for index in range(len(part.rows))]


class _Predictions:
    """Writes predictions; their columns are known from the first one on."""

    def __init__(self, writer: TableWriter) -> None:
        self._writer = writer
        self._waiting: list[tuple[int, Part, list[TabularResult | str]]] = []
        self._columns: Callable[[TabularResult | None], dict[str, Any]] | None = None
        self.tally = Tally()

    def add(self, part: Part, results: list[TabularResult | str]) -> None:
        """Takes in the results of a part."""
        first = self.tally.rows + 1
        self.tally.rows += len(results)
        self.tally.errors += sum(isinstance(each, str) or each.error is not None for each in results)
        if self._columns is None:
            good = next((each for each in results if not isinstance(each, str) and each.error is None), None)
            if good is None:
                self._waiting.append((first, part, results))
                if self.tally.rows > _MOST_WAITING:
                    raise ValueError(f"none of the first {self.tally.rows} rows can be used: {_error(results[0])}")
                return
            self._columns = _columns_of(good)
            self.tally.model, self.tally.version = good.model, good.version
        self._flush()
        self._write(first, part, results)

    def finish(self) -> None:
        """Writes what is left; where no row could be used there are errors alone."""
        self._flush()
        self._writer.finish()

    def discard(self) -> None:
        """Leaves nothing behind."""
        self._writer.discard()

    def _flush(self) -> None:
        for waiting in self._waiting:
            self._write(*waiting)
        self._waiting.clear()

    def _write(self, first: int, part: Part, results: list[TabularResult | str]) -> None:
        columns: dict[str, list[Any]] = {"row": list(range(first, first + len(results))), **part.kept}
        rows = [(self._columns or _no_columns)(None if _error(each) else each) for each in results]  # type: ignore[arg-type]
        for name in rows[0]:
            columns[name] = [row[name] for row in rows]
        columns["error"] = [_error(each) or None for each in results]
        self._writer.write(columns)


def _columns_of(first: TabularResult) -> Callable[[TabularResult | None], dict[str, Any]]:
    """What makes the columns of a result, or empty ones for a row without."""
    if first.anomaly is not None:
        return lambda one: {
            "score": one.anomaly.score if one and one.anomaly else None,
            "anomalous": one.anomaly.anomalous if one and one.anomaly else None,
        }
    if first.classes:
        return lambda one: {
            "class": one.classes[0].label if one else None,
            "score": one.classes[0].score if one else None,
        }
    count = len(first.values)
    names = ["prediction"] if count == 1 else [f"prediction_{place}" for place in range(1, count + 1)]
    return lambda one: dict(zip(names, one.values if one else [None] * count, strict=True))


def _no_columns(_: TabularResult | None) -> dict[str, Any]:
    return {}


def _error(result: TabularResult | str) -> str:
    if isinstance(result, str):
        return result
    return "" if result.error is None else f"{result.error.reason}: {result.error.message}"


class _Progress:
    """A bar on a terminal; nothing elsewhere."""

    def __init__(self, description: str) -> None:
        from rich.progress import Progress

        screen = console(err=True)
        self._progress = Progress(console=screen, transient=True, disable=not screen.is_terminal)
        self._task = self._progress.add_task(description, total=1.0)

    def advance(self, done: float) -> None:
        """Shows a share of the work as done, from 0 to 1."""
        self._progress.update(self._task, completed=done)

    def __enter__(self) -> "_Progress":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
