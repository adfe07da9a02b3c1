# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What ``argosy tabular`` shows."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from argosy_client.cli.options import Connection, ModelChoice
from argosy_client.cli.output import (
    answered_by,
    cell,
    console,
    number,
    plain,
    print_json,
    rest,
    score,
    table,
    timing_line,
)

if TYPE_CHECKING:
    from argosy_client.tabular_results import StreamedPrediction, TabularExplanation, TabularResult

#: Most features shown of an explanation.
_SHOWN = 20


def show_predictions(results: "Sequence[TabularResult]", connection: Connection, choice: ModelChoice) -> None:
    """Prints a prediction for each row."""
    if connection.json:
        print_json([{"row": index, **plain(result)} for index, result in enumerate(results, 1)])
        return
    screen = console()
    first = results[0]
    if first.classes:
        shown = table("row", "class", "score", "then", numeric=["row"])
        for index, result in enumerate(results, 1):
            best = result.classes[0]
            shown.add_row(
                cell(index), cell(best.label, "bold"), cell(score(best.score)), cell(rest(result.classes), "dim")
            )
    elif first.anomaly is not None:
        shown = table("row", "verdict", numeric=["row"])
        for index, result in enumerate(results, 1):
            shown.add_row(cell(index), cell(verdict(result), "bold"))
    else:
        shown = table("row", "prediction", numeric=["row", "prediction"])
        for index, result in enumerate(results, 1):
            shown.add_row(cell(index), cell(verdict(result), "bold"))
    screen.print(shown)
    screen.print(answered_by(first.model, first.version))
    if choice.timing:
        screen.print(timing_line(results[-1].timing))


def verdict(result: "TabularResult") -> str:
    """One line for one prediction, or for its error."""
    if result.error is not None:
        return f"left out: {result.error.reason}: {result.error.message}"
    if result.anomaly is not None:
        found = result.anomaly
        text = f"{'ANOMALY' if found.anomalous else 'ordinary'} {number(found.score)} (threshold {found.threshold:g})"
        if found.anomalous and found.features:
            largest = max(found.features, key=lambda each: each.attribution)
            text += f", most of it {largest.feature} {number(largest.attribution)}"
        return text
    if result.classes:
        return f"{result.classes[0].label} {score(result.classes[0].score)}"
    return ", ".join(number(value) for value in result.values)


def streamed(found: "StreamedPrediction") -> dict[str, Any]:
    """One prediction of a stream for programs."""
    return {"reading_count": found.reading_count, **plain(found.result)}


def show_explanation(
    found: "TabularExplanation", connection: Connection, choice: ModelChoice, picture: str | None
) -> None:
    """Prints the features of an explanation, the most important first."""
    summary = found.summary
    if connection.json:
        shown_summary = plain(dataclasses.replace(summary, rendering=None)) | {"rendering": picture}
        print_json(plain(dataclasses.replace(found, summary=None)) | {"summary": shown_summary})  # type: ignore[arg-type]
        return
    screen = console()
    shown = table("feature", "attribution", numeric=["attribution"])
    ranked = sorted(found.features, key=lambda each: -abs(each.attribution))
    for each in [one for one in ranked if one.attribution][:_SHOWN]:
        shown.add_row(cell(each.feature, "bold"), cell(f"{each.attribution:+.6g}"))
    screen.print(shown)
    screen.print(
        cell(
            f"{summary.target}: {number(summary.value)}, and {number(summary.base_value)} without these features; "
            f"{summary.method}, {summary.evaluation_count} evaluations"
            + ("" if summary.fidelity is None else f", fidelity {number(summary.fidelity)}")
        )
    )
    if picture:
        screen.print(cell(f"picture in {picture}"))
    screen.print(answered_by(found.model, found.version))
    if choice.timing:
        screen.print(timing_line(found.timing))
