# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Applies version labels to one worker, again whenever they change or could not be applied."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

import grpc
from argosy.fleet.v1.worker_pb2 import ApplyDesiredRequest, DesiredModel
from argosy.fleet.v1.worker_pb2_grpc import WorkerServiceStub

from argosy_gateway.latest import Latest

_log = logging.getLogger(__name__)

_TIMEOUT_S = 5.0
_RETRY_S = 2.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Labels of each model by name, and the epoch under which they are applied."""

    epoch: int
    labels: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def request(self) -> ApplyDesiredRequest:
        """All of it: what a worker does not have it ignores, what is not named loses its labels."""
        models = [DesiredModel(name=name, version_labels=labels) for name, labels in sorted(self.labels.items())]
        return ApplyDesiredRequest(epoch=self.epoch, models=models)


async def keep_applied(stub: WorkerServiceStub, address: str, wanted: Latest[Wanted]) -> None:
    """Keeps a connected worker's labels as wanted, until cancelled."""
    async for value in wanted.changes():
        reported = ""
        while value is wanted.value:
            try:
                await stub.ApplyDesired(value.request(), timeout=_TIMEOUT_S)
                break
            except grpc.aio.AioRpcError as error:
                reason = f"{error.code().name}: {error.details()}"
                if reason != reported:
                    _log.warning("labels not applied", extra={"worker": address, "reason": reason})
                reported = reason
                await asyncio.sleep(_RETRY_S)
