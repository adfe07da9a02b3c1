# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy workers`` and ``argosy health``."""

from typing import TYPE_CHECKING, Annotated

import typer

from argosy_client.cli.command import command
from argosy_client.cli.options import Connection

if TYPE_CHECKING:
    from argosy_client import Argosy

#: Services whose health is told, by domain.
SERVICES = {
    "vision": "argosy.vision.v1.VisionService",
    "speech": "argosy.speech.v1.SpeechService",
    "nlp": "argosy.nlp.v1.NlpService",
    "recommendation": "argosy.recommendation.v1.RecommendationService",
    "tabular": "argosy.tabular.v1.TabularService",
}


@command
def workers(
    connection: Connection,
    domain: Annotated[str, typer.Option("--domain", help="Only workers of this domain.")] = "",
) -> None:
    """List the workers of the fleet."""
    from argosy_client.cli.output import cell, console, print_json, state, table

    with connection.open() as fleet:
        found = fleet.workers(domain)
    if connection.json:
        print_json(found)
        return
    headers = ("domain", "replica", "address", "status", "ready models", "other models", "version")
    shown = table(*headers, whole=["domain", "replica", "address", "status"])
    for worker in found:
        shown.add_row(
            cell(worker.domain),
            cell(worker.replica or "-"),
            cell(worker.address),
            state(worker.status),
            cell(", ".join(worker.ready_models) or "-"),
            cell(", ".join(worker.other_models) or "-"),
            cell(worker.software_version or "-"),
        )
    console().print(shown if found else cell("the fleet has no workers"))


@command
def health(
    connection: Connection,
    service: Annotated[
        str | None, typer.Argument(help="A domain, a service by its full name, or model/NAME; all if not given.")
    ] = None,
) -> None:
    """Tell whether the fleet answers; exits with 1 where it does not."""
    from argosy_client.cli.output import cell, console, print_json, state, table

    with connection.open() as fleet:
        if service is None:
            statuses = {"fleet": str(fleet.health()), **{name: _status(fleet, name) for name in SERVICES}}
        else:
            statuses = {service: str(fleet.health(SERVICES.get(service, service)))}
    if connection.json:
        print_json(statuses)
    else:
        shown = table("service", "status")
        for name, status in statuses.items():
            shown.add_row(cell(name), state(status))
        console().print(shown)
    if next(iter(statuses.values())) != "SERVING":
        raise typer.Exit(1)


def _status(fleet: "Argosy", domain: str) -> str:
    from argosy_client.errors import NotFoundError

    try:
        return str(fleet.health(SERVICES[domain]))
    except NotFoundError:
        return "NOT_FOUND"
