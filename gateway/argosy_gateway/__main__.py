# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m argosy_gateway --fleet PATH``, or ``--kubernetes``: the control plane."""

import sys

import uvloop
from argosy import logs

from argosy_gateway import application, settings
from argosy_gateway.discovery import Source
from argosy_gateway.discovery.static import StaticSource
from argosy_gateway.document import DocumentError


def main() -> int:
    """Runs until told to stop; 0 then, 1 with one line on standard error where it cannot start."""
    chosen = settings.read(sys.argv[1:])
    logs.configure()
    try:
        uvloop.run(application.run(chosen, _source(chosen)))
    except (DocumentError, application.StartError) as error:
        print(f"argosy_gateway: {error}", file=sys.stderr)
        return 1
    return 0


def _source(chosen: settings.Settings) -> Source:
    if chosen.fleet is not None:
        return StaticSource(chosen.fleet, chosen.poll_interval_s)
    try:
        # Not needed without it, and slow to import.
        from argosy_gateway.discovery.kubernetes import access, source
    except ModuleNotFoundError as error:
        raise application.StartError(f"--kubernetes needs {error.name}: pip install 'argosy[kubernetes]'") from error
    try:
        access.load()
    except access.AccessError as error:
        raise application.StartError(str(error)) from error
    return source.KubernetesSource(chosen.namespace, chosen.pod, chosen.zone)


if __name__ == "__main__":
    sys.exit(main())
