# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy check``: validates a model repository offline."""

from pathlib import Path
from typing import Annotated

import typer
from argosy_client.cli.errors import report_input
from argosy_client.cli.output import cell, console, print_json, table

from argosy_worker import offline
from argosy_worker.errors import ModelInvalid
from argosy_worker.lifecycle.state import ModelState, State


def check(
    repository: Annotated[Path, typer.Argument(help="A repository such as models/vision, or a folder of them.")],
    domain: Annotated[str | None, typer.Option(help="Domain of the repository, where its name does not tell.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON, errors too.")] = False,
) -> None:
    """Validates a model repository offline: reads, loads and runs the golden samples of every model.

    Exits with 0 where every model could serve, 1 where one could not, 2 where there is nothing to check.
    """
    try:
        found = [
            (name, model)
            for name, path in offline.repositories(repository, domain)
            for model in offline.check_quietly(name, path)
        ]
    except ModelInvalid as error:
        report_input(error, as_json=as_json)
        raise typer.Exit(2) from error
    if as_json:
        print_json([_row(name, model) for name, model in found])
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
    made = table("domain", "model", "versions", "methods", "golden samples", "result")
    for domain, model in found:
        versions = ", ".join(str(version.version) for version in model.versions if version.version)
        read = any(version.version for version in model.versions)  # else all that there is to say is why not
        methods = ", ".join(model.config.methods) or ("tensors only" if read else "-")
        result = cell("FAILED", "red") if _problems(model) else cell("ok", "green")
        golden = str(len(model.config.golden)) if model.config.golden else "none" if read else "-"
        made.add_row(*map(cell, (domain, model.name, versions or "-", methods, golden)), result)
    out = console()
    out.print(made)
    for _, model in found:
        for problem in _problems(model):
            out.print(cell(f"{model.name}: {problem}"), soft_wrap=True)
