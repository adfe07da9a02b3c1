# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy top``: what the fleet does now."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from argosy_client.cli.command import command, session_of
from argosy_client.cli.options import Connection

if TYPE_CHECKING:
    from argosy_client import Argosy
    from argosy_client.cli.top_view import Shown
    from argosy_client.fleet_results import Worker
    from argosy_client.kube.session import Session


@command
def top(
    context: typer.Context,
    connection: Connection,
    domain: Annotated[str, typer.Option("--domain", help="Only models of this domain.")] = "",
    interval: Annotated[float, typer.Option("--interval", min=0.1, help="Seconds between two looks.")] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Look for one interval, print, and exit.")] = False,
) -> None:
    """Show what each model does now: calls, times, batches, queues, refusals. Ctrl-C ends it.

    Reads the metrics of every worker, so it must run where their metrics ports can be reached; with --kube it forwards
    them. With --json, and where the output is no terminal, it prints one interval and exits.
    """
    from rich.live import Live

    from argosy_client.cli.output import console, print_json
    from argosy_client.cli.top_view import render

    screen = console()
    with connection.open() as fleet:
        looks = _looks(fleet, domain, interval, session_of(context))
        if connection.json:
            print_json(next(looks))
        elif once or not screen.is_terminal:
            screen.print(render(next(looks)))
        else:
            with Live(console=screen, screen=True, auto_refresh=False) as live:
                for shown in looks:
                    live.update(render(shown), refresh=True)


def _looks(fleet: "Argosy", domain: str, interval: float, session: "Session | None") -> "Iterator[Shown]":
    """Yields what to show after each interval."""
    from argosy_client.cli.top_view import Shown
    from argosy_client.top.rates import figures, worker_figures
    from argosy_client.top.scrape import Page, metrics_address, scrape

    def look(workers: "Sequence[Worker]") -> list[Page]:
        return scrape(workers, interval, session.metrics(workers) if session else metrics_address)

    before = look(fleet.workers(domain))
    while True:
        time.sleep(interval)
        workers, models = fleet.workers(domain), fleet.models(domain)
        after = look(workers)
        yield Shown(figures(models, before, after), worker_figures(workers, before, after))
        # A worker that could not be read this time is compared with its last page once it can be.
        missing = {page.worker.address for page in after if page.error}
        before = [page for page in after if not page.error] + [
            page for page in before if page.worker.address in missing and not page.error
        ]
