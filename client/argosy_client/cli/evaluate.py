# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy evaluate``: how good a model is on labelled data."""

import json
from pathlib import Path
from typing import Annotated

import typer

from argosy_client.cli.command import command
from argosy_client.cli.options import Connection
from argosy_client.cli.output import cell, console, number, plain, print_json, table
from argosy_client.evaluation import pictures
from argosy_client.evaluation.evaluate import Evaluation
from argosy_client.evaluation.evaluate import evaluate as measure


@command
def evaluate(
    connection: Connection,
    name: Annotated[str, typer.Argument(metavar="MODEL", help="Name of the model.")],
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="Folder of folders named by label, .csv, .json, .jsonl or .npz.")
    ],
    version: Annotated[str | None, typer.Option("--model-version", help="Version number or label.")] = None,
    truth: Annotated[str | None, typer.Option("--truth", help="Column, key or array that holds the truth.")] = None,
    output: Annotated[str | None, typer.Option("--output-name", help="Output of a model without methods.")] = None,
    folder: Annotated[
        Path | None, typer.Option("--report", metavar="DIR", help="Write report.json and the pictures (PNG) there.")
    ] = None,
) -> None:
    """Measure a model through the fleet on labelled data."""
    with connection.open() as fleet:
        found = measure(
            fleet, fleet.model(name), data, version=version, truth=truth, output=output, timeout_s=connection.timeout
        )
    if folder is not None:
        _write(found, folder)
    if connection.json:
        print_json(found)
        return
    shown = table("figure", "value", numeric=["value"])
    for key, value in found.metrics.items():
        shown.add_row(cell(key), cell(number(value)))
    screen = console()
    screen.print(shown)
    screen.print(cell(f"model {found.model} ({found.domain}, {found.task}), {found.sample_count:,} cases", "dim"))


def _write(found: Evaluation, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(plain(found), indent=2, ensure_ascii=False) + "\n", "utf-8")
    if found.task == "classification":
        import numpy as np

        pictures.confusion(np.array(found.confusion), found.classes).save(folder / "confusion.png")
        pictures.thresholds(found.thresholds).save(folder / "thresholds.png")
