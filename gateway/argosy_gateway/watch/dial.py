# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How workers are dialled: as they are, or over TLS with certificates of one authority."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import grpc

from argosy_gateway.watch.state import WorkerProblem
from argosy_gateway.worker_tls import AUTHORITY, CERTIFICATE, KEY, WORKER_NAME

#: Opens a channel to "host:port" with options. Raises WorkerProblem where it cannot.
Dial = Callable[[str, Sequence[tuple[str, Any]]], grpc.aio.Channel]


def plain(address: str, options: Sequence[tuple[str, Any]]) -> grpc.aio.Channel:
    """Dials without TLS."""
    return grpc.aio.insecure_channel(address, options=options)


def secured(folder: Path) -> Dial:
    """Returns what dials with the certificates that are in a folder at that time."""

    def dial(address: str, options: Sequence[tuple[str, Any]]) -> grpc.aio.Channel:
        try:
            authority, key, ours = ((folder / name).read_bytes() for name in (AUTHORITY, KEY, CERTIFICATE))
        except OSError as error:
            raise WorkerProblem(f"no certificate to show: {error}") from error
        credentials = grpc.ssl_channel_credentials(authority, key, ours)
        named = [*options, ("grpc.ssl_target_name_override", WORKER_NAME)]
        return grpc.aio.secure_channel(address, credentials, options=named)

    return dial
