# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy models``: what the fleet holds."""

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Annotated

import typer

from argosy_client.cli.command import command
from argosy_client.cli.options import Connection

if TYPE_CHECKING:
    from argosy_client.fleet_results import Model

#: Entry point group in which packages add verbs to ours: functions.
GROUP = "argosy.commands.models"


def _app() -> typer.Typer:
    made = typer.Typer(help="List the models of the fleet, show one, or change what is wanted of one.")
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        made.command(entry.name)(entry.load())
    return made


app = _app()


@app.callback(invoke_without_command=True)
@command
def models(
    context: typer.Context,
    connection: Connection,
    domain: Annotated[str, typer.Option("--domain", help="Only models of this domain.")] = "",
) -> None:
    """List the models of the fleet, or show one."""
    if context.invoked_subcommand is not None:
        return
    from argosy_client.cli.output import print_json

    with connection.open() as fleet:
        found = fleet.models(domain)
    if connection.json:
        print_json(found)
    else:
        _print_table(found)


@app.command("show")
@command
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the model.")], connection: Connection
) -> None:
    """Show everything about one model: tensors, labels, origin, quality, and the state of each replica."""
    from argosy_client.cli.model_view import print_model
    from argosy_client.cli.output import print_json

    with connection.open() as fleet:
        model = fleet.model(name)
    if connection.json:
        print_json(model)
    else:
        print_model(model)


def _print_table(found: "list[Model]") -> None:
    from argosy_client.cli.output import cell, console, state, table

    shown = table(
        "domain", "name", "state", "version", "ready", "methods", "quality", whole=["domain", "name", "state", "ready"]
    )
    for model in found:
        shown.add_row(
            cell(model.domain),
            cell(model.name, "bold"),
            state(model.state),
            cell(_versions(model)),
            cell(_ready(model)),
            cell(", ".join(model.methods) or "tensors only"),
            cell(_quality(model)),
        )
    screen = console()
    screen.print(shown if found else cell("the fleet has no models"))
    for model in found:
        if model.reason:
            screen.print(cell(f"{model.name}: {model.reason}"))


def _ready(model: "Model") -> str:
    """How many of the replicas can answer."""
    ready = sum(any(version.state == "READY" for version in replica.versions) for replica in model.replicas)
    return f"{ready}/{len(model.replicas)}"


def _versions(model: "Model") -> str:
    numbers = {version.version for replica in model.replicas for version in replica.versions}
    return ", ".join(str(number) for number in sorted(numbers, reverse=True)) or "-"


def _quality(model: "Model") -> str:
    """The accuracy where it was measured, else the first figure."""
    figures = sorted(model.metrics, key=lambda metric: metric.name != "accuracy")
    return f"{figures[0].name} {figures[0].value:.4g}" if figures else "-"
