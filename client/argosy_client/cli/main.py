# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Entry point of ``argosy``: says in one line what to install where the extra is missing."""

import os
import sys

_EXTRA = ("typer", "rich", "yaml")


def main() -> None:
    """Runs the command line; exits with 0, 1 (a call failed), 2 (wrong usage) or 130 (interrupted)."""
    if any("xds:" in text for text in (*sys.argv, os.environ.get("ARGOSY_ADDRESS", ""))):
        # gRPC would tell in many lines what the command says in one. It reads this when it is imported.
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    try:
        from argosy_client.cli.app import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        print("argosy: the command line is not installed: install 'argosy[cli]'", file=sys.stderr)
        sys.exit(2)
    run()
