# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``fleet.v1.WorkerService``: how control planes watch and steer this worker."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
from argosy.fleet.v1 import worker_pb2
from argosy.names import is_model_name

from argosy_worker import cpus
from argosy_worker.errors import InvalidInput
from argosy_worker.lifecycle.manager import ModelManager
from argosy_worker.pulling import overrides
from argosy_worker.pulling.puller import Puller
from argosy_worker.pulling.source import Source
from argosy_worker.serving import describe, load
from argosy_worker.serving.edge import Edge, Exchange

_LEAST_INTERVAL_S = 0.1

SERVICE = worker_pb2.DESCRIPTOR.services_by_name["WorkerService"]


class WorkerService:
    """Serves the state board and takes what control planes want."""

    def __init__(
        self,
        manager: ModelManager,
        puller: Puller,
        domain: str,
        replica: str,
        metrics_address: str,
        software_version: str,
    ) -> None:
        self._manager = manager
        self._puller = puller
        self._domain = domain
        self._replica = replica
        self._metrics_address = metrics_address
        self._software_version = software_version

    async def watch_state(
        self, request: worker_pb2.WatchStateRequest, _rpc: grpc.aio.ServicerContext
    ) -> AsyncIterator[worker_pb2.WatchStateResponse]:
        """Streams a snapshot and then each change, until the caller leaves or the worker stops.

        Between them it reports the load, as often as the caller asks, and never more than ten times a second.
        """
        seen = None
        asked_s = request.load_interval.ToNanoseconds() / 1e9
        interval_s = max(asked_s, _LEAST_INTERVAL_S) if asked_s > 0 else 0.0
        processors = cpus.available()
        async for snapshot in load.with_ticks(self._manager.board.watch(), interval_s):
            if snapshot is None:
                report = load.report(self._manager.served(), processors)
                yield worker_pb2.WatchStateResponse(generation=seen.generation if seen else 0, load=report)
                continue
            if seen is None:
                state = worker_pb2.WorkerState(
                    replica=self._replica,
                    domain=self._domain,
                    draining=snapshot.draining,
                    models=[describe.worker_model(model, self._domain) for model in snapshot.models.values()],
                    metrics_address=self._metrics_address,
                    software_version=self._software_version,
                )
                yield worker_pb2.WatchStateResponse(generation=snapshot.generation, snapshot=state)
            else:
                for change in describe.changes(seen, snapshot, self._domain):
                    yield change
            seen = snapshot

    async def apply_desired(self, request: Any, _exchange: Exchange) -> Any:
        """Replaces the version labels of all models, which are not to be loaded, and where files come from."""
        labels = {model.name: dict(model.version_labels) for model in request.models}
        unloaded = {model.name for model in request.models if model.unloaded}
        for model in request.models:
            if model.HasField("source") and not is_model_name(model.name):
                raise InvalidInput(f"'{model.name}' is no name of a model")
        generation = self._manager.apply_desired(request.epoch, labels, unloaded)
        sources = {model.name: _source(model.source) for model in request.models if model.HasField("source")}
        self._puller.want(sources, all_sources=request.all_sources)
        if request.all_sources:
            self._manager.board.tell()
        return worker_pb2.ApplyDesiredResponse(generation=generation)


def _source(message: worker_pb2.ModelSource) -> Source:
    return Source(message.uri, message.sha256, overrides.settings(message.settings), message.revision)


def handlers(service: WorkerService, edge: Edge) -> dict[str, Any]:
    """Returns the service's handlers by path."""
    name = SERVICE.full_name
    return {
        f"/{name}/WatchState": grpc.unary_stream_rpc_method_handler(
            service.watch_state,
            request_deserializer=worker_pb2.WatchStateRequest.FromString,
            response_serializer=worker_pb2.WatchStateResponse.SerializeToString,
        ),
        f"/{name}/ApplyDesired": edge.unary(
            f"{name}/ApplyDesired", worker_pb2.ApplyDesiredRequest.FromString, service.apply_desired
        ),
    }
