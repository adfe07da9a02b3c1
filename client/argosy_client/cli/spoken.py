# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Answers about speech: words, segments, and what a label rests on."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import typer

from argosy_client.cli.options import Connection, ModelChoice
from argosy_client.cli.output import (
    TIMING,
    answered_by,
    cell,
    console,
    plain,
    print_json,
    score,
    table,
    timing_cells,
    timing_line,
)
from argosy_client.cli.text import clean
from argosy_client.speech_results import ClipExplanation, DetectedSpeech, Recognition, StreamedTranscript

#: Characters of the longest bar.
_BAR = 24


def show_recognized(
    results: Sequence[tuple[Path, Recognition]], connection: Connection, choice: ModelChoice, *, words: bool
) -> None:
    """Prints one row for each transcript, or for each word."""
    if connection.json:
        print_json([{"input": str(file), **plain(result)} for file, result in results])
        return
    if not results:
        return
    screen = console()
    if words:
        shown = table("file", "word", "from", "to", "confidence", numeric=["from", "to", "confidence"])
        for file, result in results:
            for word in result.best.words:
                times = (cell(f"{word.start_s:.2f}"), cell(f"{word.end_s:.2f}"))
                shown.add_row(cell(file), cell(word.text, "bold"), *times, cell(score(word.confidence)))
    else:
        last = TIMING if choice.timing else ()
        shown = table("file", "text", "confidence", *last, numeric=["confidence", *TIMING[:4]])
        for file, result in results:
            timing = timing_cells(result.timing) if choice.timing else []
            for one in result.transcripts:
                shown.add_row(cell(file), cell(one.text or "-", "bold"), cell(score(one.confidence)), *timing)
    screen.print(shown)
    for model, version in sorted({(result.model, result.version) for _, result in results}):
        screen.print(answered_by(model, version))


def show_streamed(results: Iterator[StreamedTranscript], connection: Connection) -> None:
    """Prints each result as it comes: one line, or one JSON object on a line."""
    for one in results:
        if connection.json:
            typer.echo(json.dumps(plain(one), ensure_ascii=False))
        else:
            typer.echo(f"{one.audio_end_s:8.2f} s  {'final  ' if one.final else 'interim'}  {clean(one.text)}")


def show_detected(results: Sequence[tuple[Path, DetectedSpeech]], connection: Connection) -> None:
    """Prints one row for each segment."""
    if connection.json:
        print_json([{"input": str(file), **plain(result)} for file, result in results])
        return
    if not results:
        return
    shown = table("file", "from", "to", "confidence", numeric=["from", "to", "confidence"])
    for file, result in results:
        for one in result.segments:
            times = (cell(f"{one.start_s:.2f}"), cell(f"{one.end_s:.2f}"))
            shown.add_row(cell(file), *times, cell(score(one.confidence)))
        if not result.segments:
            shown.add_row(cell(file), cell("-"), cell("-"), cell("nobody speaks"))
    console().print(shown)


def show_explained(result: ClipExplanation, connection: Connection, choice: ModelChoice) -> None:
    """Prints one row for each segment; the picture is left out."""
    if connection.json:
        print_json({name: value for name, value in plain(replace(result, picture=b"")).items() if name != "picture"})
        return
    screen = console()
    largest = max((abs(one.attribution) for one in result.segments), default=0.0) or 1.0
    shown = table("from", "to", "importance", "", numeric=["from", "to", "importance"])
    for one in result.segments:
        bar = ("#" if one.attribution >= 0 else "-") * round(_BAR * abs(one.attribution) / largest)
        times = (cell(f"{one.start_s:.2f}"), cell(f"{one.end_s:.2f}"))
        shown.add_row(*times, cell(f"{one.attribution:+.4f}"), cell(bar))
    screen.print(shown)
    trust = "" if result.fidelity is None else f", fidelity {result.fidelity:.3f}"
    scores = f"{score(result.value)}, of silence {score(result.base_value)}"
    screen.print(cell(f"{result.target}: {scores}{trust}, by {result.method}"))
    screen.print(answered_by(result.model, result.version))
    if choice.timing:
        screen.print(timing_line(result.timing))
