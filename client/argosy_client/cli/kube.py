# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy --kube drain`` and ``argosy --kube logs``: for operators of a fleet on Kubernetes."""

from typing import Annotated

import typer

from argosy_client.cli.command import kube_command
from argosy_client.cli.errors import UsageError
from argosy_client.cli.kube_options import complete_workers
from argosy_client.kube.session import Session

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, errors too.", rich_help_panel="Output")]


@kube_command
def drain(
    session: Session,
    pod: Annotated[str, typer.Argument(metavar="WORKER_POD", help="Pod of a worker.", autocompletion=complete_workers)],
    timeout: Annotated[
        float,
        typer.Option("--timeout", min=1, help="Seconds for disruption budgets to allow it, and again for its end."),
    ] = 120.0,
    even_last: Annotated[
        bool, typer.Option("--even-last", help="Also where no other pod of its Deployment is ready: calls fail.")
    ] = False,
    json: Json = False,
) -> None:
    """Take a worker out of rotation: evict its pod, and wait until nothing is in flight there.

    Disruption budgets are respected. Its Deployment starts another pod. Exits with 1 where calls may have been cut off.
    """
    from argosy_client.cli.output import print_json
    from argosy_client.kube.drain import drain as evict
    from argosy_client.kube.drain import worker

    chosen = worker(session.cluster, pod, even_last=even_last)
    found = evict(session.cluster, chosen, timeout, lambda text: typer.echo(text, err=True))
    if json:
        print_json(found)
    elif found.clean:
        typer.echo(f"{found.worker} has ended after {found.seconds} s: nothing was in flight")
    elif found.exit_code is None:
        typer.echo(f"{found.worker} has gone; whether calls were in flight is not known")
    else:
        how = f"after {found.seconds} s with exit code {found.exit_code}"
        typer.echo(f"{found.worker} has ended {how}: calls in flight may have been lost")
    if not found.clean:
        raise typer.Exit(1)


@kube_command
def logs(
    session: Session,
    request_id: Annotated[str, typer.Argument(metavar="REQUEST_ID", help="The call's x-request-id.")],
    since: Annotated[
        str, typer.Option("--since", metavar="DURATION", help="How far back, such as 10m or 2h; all if not given.")
    ] = "",
    json: Json = False,
) -> None:
    """Show what all pods of the fleet logged of one call, in order of time; exits with 1 where that is nothing."""
    from argosy_client.cli.output import cell, console, print_json
    from argosy_client.kube.logs import lines_of

    if not request_id.strip():
        raise UsageError("REQUEST_ID is empty: it is the x-request-id of a call")
    found = lines_of(session.cluster, request_id, since)
    if json:
        print_json(found)
    else:
        for line in found:
            said = " ".join(f"{key}={value}" for key, value in line.fields.items())
            place = f"{line.pod}/{line.container}"
            console().print(cell(f"{line.time} {place} {line.level} {line.message} {said}".rstrip()), soft_wrap=True)
        if not found:
            typer.echo(f"argosy: no pod has logged anything of {request_id}", err=True)
    if not found:
        raise typer.Exit(1)
