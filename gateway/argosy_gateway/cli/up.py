# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy up``: the whole fleet on this machine."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated

import argosy_client.demo
import typer
from rich.console import Console

from argosy_gateway.local.errors import CannotRun
from argosy_gateway.local.fleet import prepare
from argosy_gateway.local.options import Options
from argosy_gateway.local.run import run

DEFAULTS = Options()


def up(
    demo: Annotated[bool, typer.Option("--demo", help="Make one call to each domain, then stop.")] = False,
    fleet: Annotated[Path, typer.Option(help="Fleet document: the workers and their models.")] = DEFAULTS.fleet,
    bind: Annotated[str, typer.Option(help="Address that the gateway listens on.")] = DEFAULTS.bind,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the gateway.")] = DEFAULTS.port,
    programs: Annotated[bool, typer.Option("--programs", help="Run the programs of the fleet document too.")] = False,
    admin_port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port of Envoy's admin page, on 127.0.0.1.")
    ] = DEFAULTS.admin_port,
    control_port: Annotated[
        int,
        typer.Option(
            min=1, max=65533, help="Port of the control plane; its metrics are on the next one, the standby after that."
        ),
    ] = DEFAULTS.control_port,
    run_folder: Annotated[
        Path, typer.Option(help="Where logs and Envoy's bootstrap file go, in a folder named after the gateway's port.")
    ] = DEFAULTS.run_folder,
) -> None:
    """Run the whole fleet on this machine: gateway, control plane and workers.

    Starts them, waits until every model is ready, makes one call to each domain, and stays until Ctrl-C. A process
    that dies is started again. Exits 1, with one line that says why, if the fleet cannot start.
    """
    options = Options(
        fleet=fleet,
        bind=bind,
        port=port,
        admin_port=admin_port,
        control_port=control_port,
        programs=programs,
        run_folder=run_folder,
    )
    # A fleet that stays may hold other models than ours; the demo proper is made of all of ours.
    show = partial(argosy_client.demo.run, only_served=not demo)
    try:
        correct = asyncio.run(run(prepare(options), Console(), show, stay=not demo))
    except CannotRun as error:
        typer.echo(f"argosy up: {error}", err=True)
        raise typer.Exit(1) from None
    if demo and not correct:
        typer.echo("argosy up: an answer of the demo is not the expected one", err=True)
        raise typer.Exit(1)
