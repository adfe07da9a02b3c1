# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m argosy_worker DOMAIN --repository models/DOMAIN``: sets what libraries read when they are imported, then
runs the worker's program."""

import os

#: Without gRPC's newer listener a request passes through fewer threads: about an eighth less CPU time for a small one
#: (docs/decisions/0011). Read when gRPC is imported; who sets the variable decides.
_GRPC_EXPERIMENTS = "-event_engine_listener"


def main() -> None:
    """Runs a worker; see :func:`argosy_worker.program.main`."""
    os.environ.setdefault("GRPC_EXPERIMENTS", _GRPC_EXPERIMENTS)
    from argosy_worker import program

    program.main()


if __name__ == "__main__":
    main()
