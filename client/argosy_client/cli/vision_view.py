# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Answers about images: objects, segments, verdicts, comparisons and explanations."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from argosy_client.cli.options import Connection, ModelChoice
from argosy_client.cli.output import answered_by, cell, console, number, plain, print_json, score, table, timing_line
from argosy_client.results import Timing
from argosy_client.vision_results import Box, Comparison, Detections, ImageExplanation, Inspection, Segmentation

Answer = Comparison | Detections | ImageExplanation | Inspection | Segmentation


def show_detections(results: Sequence[tuple[str, Detections]], connection: Connection, choice: ModelChoice) -> None:
    """Prints one row for each object."""
    if connection.json:
        print_json([{"input": name, **plain(result)} for name, result in results])
        return
    shown = table("file", "label", "score", "left", "top", "right", "bottom", numeric=_NUMBERS)
    for name, result in results:
        for each in result:
            shown.add_row(
                cell(name), cell(each.label.label, "bold"), cell(score(each.label.score)), *_corners(each.box)
            )
        if not len(result):
            shown.add_row(cell(name), cell("nothing", "dim"), *[cell("-")] * 5)
    _print(shown, [result for _, result in results], choice)


def show_segments(results: Sequence[tuple[str, Segmentation]], connection: Connection, choice: ModelChoice) -> None:
    """Prints one row for each segment; the mask is a picture, and is not printed."""
    if connection.json:
        print_json([_without(result, "mask", input=name) for name, result in results])
        return
    shown = table("file", "label", "pixels", "share", "score", numeric=["pixels", "share", "score"])
    for name, result in results:
        for each in result.segments:
            share = f"{each.pixel_count / max(result.mask.size, 1):.1%}"
            cells = (each.label.label, each.pixel_count, share, score(each.label.score))
            shown.add_row(cell(name), *map(cell, cells))
    _print(shown, [result for _, result in results], choice)


def show_inspections(results: Sequence[tuple[str, Inspection]], connection: Connection, choice: ModelChoice) -> None:
    """Prints one row for each image; where the first region is, the most unusual one."""
    if connection.json:
        print_json([_without(result, "picture", input=name) for name, result in results])
        return
    headings = ("file", "verdict", "score", "threshold", "regions", "left", "top", "right", "bottom")
    shown = table(*headings, numeric=[*_NUMBERS, "threshold", "regions"])
    for name, result in results:
        verdict = cell("defective", "red") if result.defective else cell("faultless", "green")
        where = _corners(result.regions[0]) if result.regions else [cell("-")] * 4
        figures = (number(result.score), number(result.threshold), len(result.regions))
        shown.add_row(cell(name), verdict, *map(cell, figures), *where)
    _print(shown, [result for _, result in results], choice)


def show_comparison(result: Comparison, connection: Connection, choice: ModelChoice) -> None:
    """Prints the verdict."""
    if connection.json:
        print_json(result)
        return
    shown = table("verdict", "similarity", "threshold", numeric=["similarity", "threshold"])
    verdict = cell("the same" if result.same else "different", "bold")
    shown.add_row(verdict, cell(score(result.similarity)), cell(score(result.threshold)))
    _print(shown, [result], choice)


def show_explanation(name: str, result: ImageExplanation, connection: Connection, choice: ModelChoice) -> None:
    """Prints the heatmap as numbers, over the image, and what it explains."""
    if connection.json:
        found = _without(result, input=name)
        found["summary"].pop("rendering")
        print_json(found)
        return
    summary = result.summary
    screen = console()
    screen.print(
        cell(f"{name}: {summary.target} {score(summary.value)}, {score(summary.base_value)} where all is hidden")
    )
    columns = [str(column) for column in range(result.heatmap.shape[1])]
    shown = table(*columns, numeric=columns)
    largest = float(abs(result.heatmap).max()) or 1.0
    for row in (result.heatmap / largest).tolist():
        shown.add_row(*(cell(f"{value:+.2f}", "bold" if abs(value) >= _STRONG else "dim") for value in row))
    screen.print(shown)
    screen.print(cell(f"importance of each part, in {number(largest)}", "dim"))
    fidelity = "" if summary.fidelity is None else f", fidelity {summary.fidelity:.3f}"
    screen.print(cell(f"{summary.method}, {summary.evaluation_count} altered images{fidelity}", "dim"))
    _print(None, [result], choice)


#: From which part of the largest importance on one is shown in bold.
_STRONG = 0.5
_NUMBERS = ("score", "left", "top", "right", "bottom")


def _corners(box: Box) -> list[Any]:
    return [cell(f"{edge:.1f}") for edge in (box.x_min, box.y_min, box.x_max, box.y_max)]


def _without(result: Answer, *left_out: str, **first: object) -> dict[str, Any]:
    """The result as JSON has it, without what is a picture."""
    kept = [one.name for one in fields(result) if one.name not in left_out]
    return first | {name: plain(getattr(result, name)) for name in kept}


def _print(shown: Any, results: Sequence[Answer], choice: ModelChoice) -> None:
    if not results:
        return
    screen = console()
    if shown is not None:
        screen.print(shown)
    for timing in _timings(results) if choice.timing else ():
        screen.print(timing_line(timing))
    for model, version in sorted({(result.model, result.version) for result in results}):
        screen.print(answered_by(model, version))


def _timings(results: Iterable[Answer]) -> list[Timing]:
    return [result.timing for result in results]
