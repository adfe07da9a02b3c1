# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy optimize``: smaller variants of a model, measured beside it before anybody gets them."""

from pathlib import Path
from typing import Annotated

import typer
from argosy_client.bridge.comparing import Data, Variant
from argosy_client.bridge.optimizing import find_model
from argosy_client.bridge.optimizing import optimize as make
from argosy_client.bridge.place import repositories_of
from argosy_client.bridge.variants import KINDS
from argosy_client.cli.command import command
from argosy_client.cli.options import Connection
from argosy_client.cli.output import cell, console, number, print_json, table

from argosy_worker.cli.add import FLEET


@command
def optimize(
    connection: Connection,
    name: Annotated[str, typer.Argument(metavar="MODEL", help="Name of the model.")],
    kind: Annotated[list[str] | None, typer.Option("--kind", help="fp16 or int8; both if not given.")] = None,
    samples: Annotated[
        Path | None, typer.Option("--samples", help="Inputs (.npz) to calibrate and compare on; else golden samples.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Labelled data to measure on, as 'argosy evaluate' takes them.")
    ] = None,
    truth: Annotated[str | None, typer.Option("--truth", help="Column, key or array that holds the truth.")] = None,
    repository: Annotated[Path | None, typer.Option("--repository", help="Repository that holds the model.")] = None,
    domain: Annotated[str | None, typer.Option("--domain", help="Its domain, where its name does not tell.")] = None,
    fleet: Annotated[Path, typer.Option("--fleet", help="Fleet document that names the repositories.")] = FLEET,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only measure; add no version.")] = False,
) -> None:
    """Make FP16 and INT8 variants of a model as new versions, and compare quality, size and latency.

    The fleet goes on serving what it served: version_policy in model.yaml is pinned to it. All is measured on a worker
    of its own.
    """
    unknown = sorted(set(kind or ()) - set(KINDS))
    if unknown:
        raise typer.BadParameter(f"'{unknown[0]}' is no variant: {', '.join(KINDS)}", param_hint="--kind")
    own = [(domain or repository.resolve().name, repository)] if repository else None
    found_domain, folder = find_model(own or repositories_of(fleet), name)
    wanted = kind or [*KINDS]
    labelled = Data(data, truth) if data else None
    measured = make(found_domain, folder, name, wanted, samples=samples, data=labelled, dry_run=dry_run)
    if connection.json:
        print_json({"model": name, "repository": str(folder), "written": not dry_run, "variants": measured})
        return
    _print(measured)
    fresh = [one.version for one in measured if one.kind != "original" and not one.trouble]
    if fresh and not dry_run:
        served = measured[0].version
        typer.echo(
            f"\n{name} goes on as version {served}. To try version {fresh[-1]}: list it under version_policy in "
            f"{folder / name / 'model.yaml'}, after 'argosy models traffic {name} {served}=100', which keeps it from "
            "callers that name no version."
        )


def _print(measured: list[Variant]) -> None:
    figures = [*dict.fromkeys(name for one in measured for name in one.metrics)]
    headers = ["variant", "version", "MB", "ms", "difference", "same class", *figures]
    shown = table(*headers, numeric=headers[1:])
    for one in measured:
        if one.trouble:
            shown.add_row(cell(one.kind), cell(one.version or "-"), cell("not possible", "yellow"))
            continue
        agreement = "-" if one.agreement is None else f"{100 * one.agreement:.4g} %"
        values = [number(one.metrics[name]) if name in one.metrics else "-" for name in figures]
        texts = [one.kind, one.version, f"{one.size_bytes / 1e6:.3f}", f"{one.p50_ms:.2f}", number(one.difference)]
        shown.add_row(*map(cell, [*texts, agreement, *values]))
    screen = console()
    screen.print(shown)
    for one in measured:
        if one.trouble:
            screen.print(cell(f"{one.kind}: {one.trouble}"), soft_wrap=True)
