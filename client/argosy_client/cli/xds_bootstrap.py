# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy xds-bootstrap``: what a gRPC program that calls workers without a proxy has to be told."""

import json
from typing import Annotated

import typer

from argosy_client.cli.errors import UsageError
from argosy_client.settings import DEFAULT_CONTROL_PLANE, XDS_VARIABLE, is_host_and_port

#: Key of the bootstrap in the ConfigMap.
KEY = "bootstrap.json"


def xds_bootstrap(
    control_plane: Annotated[
        str,
        typer.Argument(
            metavar="HOST:PORT",
            envvar=XDS_VARIABLE,
            help="Control plane, such as control-plane.argosy-system:18000 in a cluster.",
        ),
    ] = DEFAULT_CONTROL_PLANE,
    config_map: Annotated[
        str, typer.Option("--config-map", metavar="NAME", help="Write a ConfigMap for kubectl apply that holds it.")
    ] = "",
) -> None:
    """Write the xDS bootstrap that tells gRPC where the control plane is.

    It goes into a file that GRPC_XDS_BOOTSTRAP names, or into GRPC_XDS_BOOTSTRAP_CONFIG itself.
    """
    from argosy_client import xds

    if not is_host_and_port(control_plane):
        raise UsageError(f"{control_plane!r} is not host:port, as in {DEFAULT_CONTROL_PLANE}")
    text = xds.bootstrap(control_plane)
    if config_map:
        # JSON is YAML.
        manifest = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": config_map, "labels": {"app.kubernetes.io/part-of": "argosy"}},
            "data": {KEY: text},
        }
        text = json.dumps(manifest, indent=2)
    typer.echo(text)
