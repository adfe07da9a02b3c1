# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy check``: validates a model repository offline."""

import asyncio
import json
import logging
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from argosy_worker import offline
from argosy_worker.errors import ModelInvalid
from argosy_worker.lifecycle.state import ModelState, State


def check(
    repository: Annotated[Path, typer.Argument(help="A repository such as models/vision, or a folder of them.")],
    domain: Annotated[str | None, typer.Option(help="Domain of the repository, where its name does not tell.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Validates a model repository offline: reads, loads and runs the golden samples of every model.

    Exits with 0 where every model could serve, 1 where one could not, 2 where there is nothing to check.
    """
    logging.getLogger("argosy_worker").setLevel(logging.CRITICAL)  # the table says it all
    try:
        found = [
            (name, model)
            for name, path in offline.repositories(repository, domain)
            for model in asyncio.run(offline.check(name, path))
        ]
    except ModelInvalid as error:
        typer.echo(f"argosy check: {error}", err=True)
        raise typer.Exit(2) from error
    if as_json:
        typer.echo(json.dumps([_row(name, model) for name, model in found], indent=2))
    else:
        _print(found)
    if any(_problems(model) for _, model in found):
        raise typer.Exit(1)


def _problems(model: ModelState) -> list[str]:
    return [
        f"{version.version or 'model'}: {version.reason}"
        for version in model.versions
        if version.state is not State.READY
    ]


def _row(domain: str, model: ModelState) -> dict[str, object]:
    return {
        "domain": domain,
        "model": model.name,
        "ok": not _problems(model),
        "versions": [
            {"version": version.version, "state": version.state.value, "reason": version.reason}
            for version in model.versions
        ],
        "methods": model.config.methods,
        "golden_samples": len(model.config.golden),
    }


def _print(found: list[tuple[str, ModelState]]) -> None:
    console = Console()
    table = Table("domain", "model", "versions", "methods", "golden samples", "result")
    for domain, model in found:
        problems = _problems(model)
        table.add_row(
            domain,
            model.name,
            ", ".join(str(version.version) for version in model.versions if version.version),
            ", ".join(model.config.methods) or "tensors only",
            str(len(model.config.golden)) or "none",
            "[red]FAILED[/red]" if problems else "[green]ok[/green]",
        )
    console.print(table)
    for _, model in found:
        for problem in _problems(model):
            console.print(f"[red]{escape(model.name)}[/red] {escape(problem)}", soft_wrap=True)
