# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Applies what is wanted of the models to one worker, again whenever that changes or could not be applied."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import grpc
from argosy import status
from argosy.fleet.v1.worker_pb2 import ApplyDesiredRequest, DesiredModel
from argosy.fleet.v1.worker_pb2_grpc import WorkerServiceStub

from argosy_gateway.latest import Latest

_log = logging.getLogger(__name__)

_TIMEOUT_S = 5.0
_RETRY_S = 2.0

#: Told of the higher epoch for which a worker has refused what is wanted.
Outdone = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Labels of each model by name, models that are not to be loaded, and the epoch under which that is applied."""

    epoch: int
    labels: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    unloaded: frozenset[str] = frozenset()

    def request(self) -> ApplyDesiredRequest:
        """All of it: what a worker does not have it ignores, what is not named loses its labels and is loaded."""
        models = [
            DesiredModel(name=name, version_labels=self.labels.get(name, {}), unloaded=name in self.unloaded)
            for name in sorted(self.labels.keys() | self.unloaded)
        ]
        return ApplyDesiredRequest(epoch=self.epoch, models=models)


async def keep_applied(
    stub: WorkerServiceStub, address: str, wanted: Latest[Wanted | None], outdone: Outdone | None = None
) -> None:
    """Keeps a connected worker's models as wanted, where anything is, until cancelled."""
    async for value in wanted.changes():
        if value is None:
            continue
        reported = ""
        while value is wanted.value:
            try:
                await stub.ApplyDesired(value.request(), timeout=_TIMEOUT_S)
                break
            except grpc.aio.AioRpcError as error:
                reason = f"{error.code().name}: {error.details()}"
                if reason != reported:
                    _log.warning("wanted models not applied", extra={"worker": address, "reason": reason})
                    if outdone is not None and (newer := _newer_epoch(error)):
                        outdone(newer)
                reported = reason
                await asyncio.sleep(_RETRY_S)


def _newer_epoch(error: grpc.aio.AioRpcError) -> int:
    """The epoch that a worker has applied, where it has refused ours for that; else 0."""
    problem = status.unpack(error.details() or "", error.trailing_metadata() or ())
    text = problem.metadata.get("epoch", "") if problem.reason == "STALE_EPOCH" else ""
    return int(text) if text.isascii() and text.isdecimal() else 0
