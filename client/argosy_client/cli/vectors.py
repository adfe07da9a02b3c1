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
    from argosy_client.cli.output import answered_by, cell, console, table, timing_line

    screen = console()
    shown = table(what, "dimensions", "vector", *(["timing"] if choice.timing else []), numeric=["dimensions"])
    for name, vector, answer in vectors:
        start = ", ".join(f"{float(value):.4f}" for value in vector[:SHOWN])
        row = [cell(name), cell(len(vector)), cell(f"{start}{', ...' if len(vector) > SHOWN else ''}")]
        shown.add_row(*row, *([timing_line(answer.timing)] if choice.timing else []))
    screen.print(shown)
    for model, version in sorted({(answer.model, answer.version) for _, _, answer in vectors}):
        screen.print(answered_by(model, version))
