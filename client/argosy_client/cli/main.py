# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Entry point of ``argosy``: says in one line what to install where the extra is missing."""

import sys

_EXTRA = ("typer", "rich", "yaml")


def main() -> None:
    """Runs the command line; exits with 0, 1 (a call failed), 2 (wrong usage) or 130 (interrupted)."""
    try:
        from argosy_client.cli.app import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        print("argosy: the command line is not installed: install 'argosy[cli]'", file=sys.stderr)
        sys.exit(2)
    run()
