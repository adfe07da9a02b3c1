# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The root command: options that concern no single verb, and the verbs."""

from typing import Annotated

import typer
import typer.main

from argosy_client.cli.errors import UsageError
from argosy_client.cli.group import LazyGroup
from argosy_client.cli.kube_options import complete_contexts
from argosy_client.kube.settings import CONTEXT_VARIABLE, DEFAULT_NAMESPACE, NAMESPACE_VARIABLE

app = typer.Typer(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"argosy {version('argosy')}")
        raise typer.Exit()


@app.callback()
def root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
    kube: Annotated[
        bool,
        typer.Option(
            "--kube", help="Reach a fleet on Kubernetes by kubectl port-forward.", rich_help_panel="Kubernetes"
        ),
    ] = False,
    namespace: Annotated[
        str,
        typer.Option(
            "--namespace",
            "-n",
            envvar=NAMESPACE_VARIABLE,
            help="Namespace of that fleet.",
            rich_help_panel="Kubernetes",
        ),
    ] = DEFAULT_NAMESPACE,
    cluster_context: Annotated[
        str,
        typer.Option(
            "--context",
            envvar=CONTEXT_VARIABLE,
            help="Context of the kubectl configuration; the current one if not given.",
            show_default=False,
            rich_help_panel="Kubernetes",
            autocompletion=complete_contexts,
        ),
    ] = "",
) -> None:
    """Ask a fleet of models: images, speech, text, recommendations and tables.

    The fleet is at --address, or ARGOSY_ADDRESS, or 127.0.0.1:8080. 'argosy demo' asks each domain once. With --kube it
    is the one on the cluster that kubectl would ask: 'argosy --kube demo'.
    """
    if kube:
        from argosy_client.kube.kubectl import Cluster
        from argosy_client.kube.session import Session

        session = Session(Cluster(namespace, cluster_context))
        context.call_on_close(session.close)
        context.obj = session
    else:
        for name, option in (("namespace", "--namespace"), ("cluster_context", "--context")):
            source = context.get_parameter_source(name)
            if source is not None and source.name == "COMMANDLINE":
                raise UsageError(f"{option} is about a fleet on Kubernetes: argosy --kube {option} ...")
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def run() -> None:
    """Runs the command line with the process's arguments and exits."""
    typer.main.get_command(app).main(prog_name="argosy")
