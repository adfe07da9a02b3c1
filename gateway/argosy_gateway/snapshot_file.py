# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A snapshot in a file, for an Envoy that starts while there is no control plane."""

import asyncio
import logging
from pathlib import Path

from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryResponse, Resource
from google.protobuf.any_pb2 import Any
from google.protobuf.message import DecodeError

from argosy_gateway.latest import Latest
from argosy_gateway.snapshot import Resources, Snapshot

_log = logging.getLogger(__name__)


class SnapshotFileError(Exception):
    """A file that holds no snapshot; the text says which and why."""


async def keep(accepted: Latest[Snapshot | None], path: str) -> None:
    """Writes each newest snapshot that Envoy accepted, until cancelled; nothing where ``path`` is empty."""
    async for snapshot in accepted.changes():
        if snapshot is None or not path:
            continue
        try:
            await asyncio.to_thread(write, Path(path), snapshot)
        except OSError as error:
            _log.error("configuration not kept", extra={"path": path, "reason": str(error)})


def write(path: Path, snapshot: Snapshot) -> None:
    """Replaces the file as a whole, so that a reader never sees half of one. Raises OSError."""
    kept = DeltaDiscoveryResponse(
        resources=[
            Resource(name=name, resource=resource)
            for resources in snapshot.by_type.values()
            for name, resource in resources.items.items()
        ]
    )
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_bytes(kept.SerializeToString())
    fresh.replace(path)


async def kept(path: str) -> Snapshot | None:
    """Returns the snapshot that is kept; None where there is none, and where it is unusable, which is logged."""
    try:
        return await asyncio.to_thread(read, Path(path)) if path else None
    except SnapshotFileError as error:
        _log.error("kept configuration not usable", extra={"reason": str(error)})
        return None


def read(path: Path) -> Snapshot | None:
    """Returns the snapshot; None where there is no file.

    Raises:
        SnapshotFileError: the file cannot be read, or holds no snapshot.
    """
    try:
        kept = DeltaDiscoveryResponse.FromString(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, DecodeError) as error:
        raise SnapshotFileError(f"{path} holds no configuration: {error}") from error
    by_type: dict[str, dict[str, Any]] = {}
    for each in kept.resources:
        by_type.setdefault(each.resource.type_url, {})[each.name] = each.resource
    if not by_type:
        raise SnapshotFileError(f"{path} holds no configuration: it is empty")
    return Snapshot({type_url: Resources.of(items) for type_url, items in by_type.items()})
