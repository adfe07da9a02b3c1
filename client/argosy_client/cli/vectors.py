# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Answers that are vectors, for one input or many."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from argosy_client.cli.options import Connection, ModelChoice

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rich.text import Text

    from argosy_client.results import Embeddings

#: Elements shown of each vector.
SHOWN = 4


def show_vectors(
    what: str,
    vectors: "Sequence[tuple[str, NDArray[np.float32], Embeddings]]",
    connection: Connection,
    choice: ModelChoice,
    output: Path | None,
) -> None:
    """Prints each input's vector (whole in JSON), and saves all of them where ``output`` is given."""
    if output and vectors:
        _save(output, [vector for _, vector, _ in vectors])
    if connection.json:
        _print_json(vectors)
    elif vectors:
        _print_table(what, vectors, choice)


def _save(output: Path, vectors: "list[NDArray[np.float32]]") -> None:
    import numpy as np

    with output.open("wb") as file:
        np.save(file, np.stack(vectors))


def _print_json(vectors: "Sequence[tuple[str, NDArray[np.float32], Embeddings]]") -> None:
    from argosy_client.cli.output import print_json

    rows: list[dict[str, Any]] = [
        {
            "input": name,
            "vector": vector,
            "model": answer.model,
            "version": answer.version,
            "timing": answer.timing,
        }
        for name, vector, answer in vectors
    ]
    print_json(rows)


def _print_table(
    what: str, vectors: "Sequence[tuple[str, NDArray[np.float32], Embeddings]]", choice: ModelChoice
) -> None:
    from argosy_client.cli.output import TIMING, answered_by, cell, console, table, timing_cells

    screen = console()
    last = TIMING if choice.timing else ("vector",)
    shown = table(what, "dimensions", *last, numeric=["dimensions", *TIMING[:4]])
    for name, vector, answer in vectors:
        cells = timing_cells(answer.timing) if choice.timing else [_start(vector)]
        shown.add_row(cell(name), cell(len(vector)), *cells)
    screen.print(shown)
    for model, version in sorted({(answer.model, answer.version) for _, _, answer in vectors}):
        screen.print(answered_by(model, version))


def _start(vector: "NDArray[np.float32]") -> "Text":
    from argosy_client.cli.output import cell

    start = ", ".join(f"{float(value):.4f}" for value in vector[:SHOWN])
    return cell(f"{start}{', ...' if len(vector) > SHOWN else ''}")
