# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy demo``: one real call to each domain."""

import typer

from argosy_client.cli.command import command
from argosy_client.cli.options import Connection


@command
def demo(connection: Connection) -> None:
    """Ask each domain once and compare the answers with the known ones; exits with 1 where one differs."""
    from argosy_client.cli.demo_view import as_json, print_outcomes
    from argosy_client.cli.output import console, print_json
    from argosy_client.demo import play

    outcomes = play(connection.address, timeout_s=connection.timeout)
    if connection.json:
        print_json([as_json(outcome) for outcome in outcomes])
    else:
        print_outcomes(outcomes, console(), connection.address)
    if not all(outcome.equal for outcome in outcomes):
        raise typer.Exit(1)
