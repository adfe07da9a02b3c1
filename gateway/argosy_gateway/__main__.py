# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m argosy_gateway --fleet PATH``: the control plane."""

import sys

import uvloop
from argosy import logs

from argosy_gateway import application, settings
from argosy_gateway.discovery.static import StaticSource
from argosy_gateway.document import DocumentError


def main() -> int:
    """Runs until told to stop; 0 then, 1 with one line on standard error where it cannot start."""
    chosen = settings.read(sys.argv[1:])
    logs.configure()
    try:
        source = StaticSource(chosen.fleet, chosen.poll_interval_s)
        uvloop.run(application.run(chosen, source))
    except (DocumentError, application.StartError) as error:
        print(f"argosy_gateway: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
