# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Answers that are labels, for one input or many."""

from collections.abc import Sequence

from argosy_client.cli.options import Connection, ModelChoice
from argosy_client.cli.output import (
    TIMING,
    answered_by,
    cell,
    console,
    plain,
    print_json,
    rest,
    score,
    table,
    timing_cells,
)
from argosy_client.results import AudioResult, ImageResult
from argosy_client.text_results import TextResult


def show_labelled(
    what: str,
    results: Sequence[tuple[str, ImageResult | AudioResult | TextResult]],
    connection: Connection,
    choice: ModelChoice,
) -> None:
    """Prints one row for each input; ``what`` is the heading of the inputs."""
    if connection.json:
        print_json([{"input": name, **plain(result)} for name, result in results])
        return
    if not results:
        return
    screen = console()
    last = TIMING if choice.timing else ("then",)
    shown = table(what, "label", "score", *last, numeric=["score", *TIMING[:4]])
    for name, result in results:
        best = result.labels[0] if result.labels else None
        row = [cell(name), cell(best.label if best else "-", "bold"), cell(score(best.score) if best else "-")]
        shown.add_row(*row, *(timing_cells(result.timing) if choice.timing else [cell(rest(result.labels), "dim")]))
    screen.print(shown)
    for model, version in sorted({(result.model, result.version) for _, result in results}):
        screen.print(answered_by(model, version))
