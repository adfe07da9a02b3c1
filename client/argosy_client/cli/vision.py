# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy vision``: images."""

from pathlib import Path
from typing import Annotated

import typer

from argosy_client.cli.command import command
from argosy_client.cli.options import Connection, ModelChoice, TopK
from argosy_client.cli.vectors import show_vectors

app = typer.Typer(help="Classify, search, inspect, compare and explain images.", no_args_is_help=True)

AN_IMAGE = "PNG, JPEG, WebP or BMP file."
Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="PNG, JPEG, WebP or BMP files.")]
File = Annotated[Path, typer.Argument(metavar="FILE", help=AN_IMAGE)]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Save a PNG of what was found; a folder where there are several files."),
]


@app.command("classify")
@command
def classify(files: Files, connection: Connection, choice: ModelChoice, top_k: TopK = 0) -> None:
    """Classify images."""
    from argosy_client.cli.batch import each_file
    from argosy_client.cli.labelled import show_labelled

    with connection.open() as fleet:
        done, failed = each_file(
            files,
            connection,
            lambda file: fleet.vision.classify(file, model=choice.model, version=choice.model_version, top_k=top_k),
        )
    show_labelled("file", [(str(file), result) for file, result in done], connection, choice)
    if failed:
        raise typer.Exit(1)


@app.command("embed")
@command
def embed(
    files: Files,
    connection: Connection,
    choice: ModelChoice,
    output: Annotated[
        Path | None, typer.Option("--output", help="Save the vectors as a NumPy file, float32 [files, dimensions].")
    ] = None,
) -> None:
    """Embed images into a vector space."""
    from argosy_client.cli.batch import each_file

    with connection.open() as fleet:
        done, failed = each_file(
            files,
            connection,
            lambda file: fleet.vision.embed(file, model=choice.model, version=choice.model_version),
        )
    show_vectors("file", [(str(file), result[0], result) for file, result in done], connection, choice, output)
    if failed:
        raise typer.Exit(1)


@app.command("detect")
@command
def detect(
    files: Files,
    connection: Connection,
    choice: ModelChoice,
    out: Out = None,
    min_score: Annotated[
        float | None, typer.Option("--min-score", min=0, max=1, help="Least score; the model's own if not given.")
    ] = None,
    max_detections: Annotated[
        int, typer.Option("--max-detections", min=0, help="Most detections of an image, best first; 0 takes 100.")
    ] = 0,
) -> None:
    """Find objects in images; --out draws their boxes."""
    from argosy_client.cli.batch import each_file
    from argosy_client.cli.pictures import places, save_boxes
    from argosy_client.cli.vision_view import show_detections

    targets = places(out, files)
    with connection.open() as fleet:
        done, failed = each_file(
            files,
            connection,
            lambda file: fleet.vision.detect(
                file,
                model=choice.model,
                version=choice.model_version,
                min_score=min_score,
                max_detections=max_detections,
            ),
        )
    for file, result in done if targets else ():
        save_boxes(targets[file], file, result)
    show_detections([(str(file), result) for file, result in done], connection, choice)
    if failed:
        raise typer.Exit(1)


@app.command("segment")
@command
def segment(files: Files, connection: Connection, choice: ModelChoice, out: Out = None) -> None:
    """Assign the pixels of images to classes; --out draws them, and its pixels are the classes' indices."""
    from argosy_client.cli.batch import each_file
    from argosy_client.cli.pictures import places, save_mask
    from argosy_client.cli.vision_view import show_segments

    targets = places(out, files)
    with connection.open() as fleet:
        done, failed = each_file(
            files,
            connection,
            lambda file: fleet.vision.segment(file, model=choice.model, version=choice.model_version),
        )
    for file, result in done if targets else ():
        save_mask(targets[file], result.mask)
    show_segments([(str(file), result) for file, result in done], connection, choice)
    if failed:
        raise typer.Exit(1)


@app.command("inspect")
@command
def inspect(files: Files, connection: Connection, choice: ModelChoice, out: Out = None) -> None:
    """Look for defects in images; --out draws where they are."""
    from argosy_client.cli.batch import each_file
    from argosy_client.cli.pictures import places
    from argosy_client.cli.vision_view import show_inspections

    targets = places(out, files)
    with connection.open() as fleet:
        done, failed = each_file(
            files,
            connection,
            lambda file: fleet.vision.inspect(
                file, model=choice.model, version=choice.model_version, picture=bool(targets)
            ),
        )
    for file, result in done if targets else ():
        targets[file].write_bytes(result.picture or b"")
    show_inspections([(str(file), result) for file, result in done], connection, choice)
    if failed:
        raise typer.Exit(1)


@app.command("compare")
@command
def compare(
    one: Annotated[Path, typer.Argument(metavar="ONE", help=AN_IMAGE)],
    other: Annotated[Path, typer.Argument(metavar="OTHER", help=AN_IMAGE)],
    connection: Connection,
    choice: ModelChoice,
) -> None:
    """Tell whether two images show the same."""
    from argosy_client.cli.vision_view import show_comparison

    with connection.open() as fleet:
        result = fleet.vision.compare(one, other, model=choice.model, version=choice.model_version)
    show_comparison(result, connection, choice)


@app.command("explain")
@command
def explain(
    file: File,
    connection: Connection,
    choice: ModelChoice,
    target: Annotated[str, typer.Option("--target", help="Label to explain; the best one if not given.")] = "",
    method: Annotated[str, typer.Option("--method", help="occlusion or rise; occlusion if not given.")] = "",
    grid: Annotated[int, typer.Option("--grid", min=0, help="Rows and columns of parts, 2 to 64; 0 takes 8.")] = 0,
    max_evaluations: Annotated[
        int, typer.Option("--max-evaluations", min=0, help="Altered images to run; 0 takes the method's default.")
    ] = 0,
    seed: Annotated[int, typer.Option("--seed", help="Seed of random choices.")] = 0,
    explain_to: Annotated[
        Path | None, typer.Option("--explain-to", help="Save a PNG of the heatmap over the image.")
    ] = None,
) -> None:
    """Explain why an image gets a label."""
    from argosy_client.cli.vision_view import show_explanation

    with connection.open() as fleet:
        result = fleet.vision.explain(
            file,
            model=choice.model,
            version=choice.model_version,
            target=target,
            method=method,
            grid_size=grid,
            max_evaluations=max_evaluations,
            seed=seed,
            picture=explain_to is not None,
        )
    if explain_to and result.summary.rendering:
        explain_to.write_bytes(result.summary.rendering.data)
    show_explanation(str(file), result, connection, choice)
