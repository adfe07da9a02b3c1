# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Many simulated workers in one process: ``python -m bench.crowd_server WORKERS MODELS``.

Each has a port of its own, tells its state and is healthy; none answers a model. At SIGUSR1 each one's first model
leaves or comes back, the workers one after the other within ``CHANGE_S``.
"""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import grpc
from argosy.fleet.v1 import model_pb2, worker_pb2, worker_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from bench import tiny_model
from bench.servers import HOST

#: Time over which a change of all workers is spread, in seconds.
CHANGE_S = 2.0
_KEEPALIVE = (
    ("grpc.http2.min_ping_interval_without_data_ms", 500),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.so_reuseport", 0),
)


class Simulated(worker_pb2_grpc.WorkerServiceServicer):
    """One worker's state."""

    def __init__(self, number: int, models: int) -> None:
        self._number = number
        self._models = models
        self._ready = True
        self._generation = 1
        self._changed = asyncio.Event()

    def change(self) -> None:
        """Takes the first model out of service, or back."""
        self._ready = not self._ready
        self._generation += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def WatchState(
        self, request: worker_pb2.WatchStateRequest, context: grpc.aio.ServicerContext
    ) -> AsyncIterator[worker_pb2.WatchStateResponse]:
        """Sends the state, then each change."""
        changed = self._changed
        models = [self._model(index) for index in range(self._models)]
        state = worker_pb2.WorkerState(replica=f"r{self._number}", domain=tiny_model.DOMAIN, models=models)
        yield worker_pb2.WatchStateResponse(generation=self._generation, snapshot=state)
        while True:
            await changed.wait()
            changed = self._changed
            yield worker_pb2.WatchStateResponse(generation=self._generation, model_changed=self._model(0))

    async def ApplyDesired(
        self, request: worker_pb2.ApplyDesiredRequest, context: grpc.aio.ServicerContext
    ) -> worker_pb2.ApplyDesiredResponse:
        """Confirms."""
        return worker_pb2.ApplyDesiredResponse(generation=self._generation)

    def _model(self, index: int) -> model_pb2.WorkerModel:
        ready = self._ready or index
        state = model_pb2.MODEL_STATE_READY if ready else model_pb2.MODEL_STATE_LOADING
        return model_pb2.WorkerModel(
            description=model_pb2.ModelDescription(name=f"m{index}", domain=tiny_model.DOMAIN),
            versions=[model_pb2.ModelVersion(version=1, state=state)],
        )


class Healthy(health_pb2_grpc.HealthServicer):  # type: ignore[misc]
    """Always."""

    async def Check(self, request: Any, context: grpc.aio.ServicerContext) -> health_pb2.HealthCheckResponse:
        """SERVING, whatever is asked for."""
        return health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING)


async def serve(workers: int, models: int) -> None:
    """Serves until SIGTERM."""
    loop = asyncio.get_running_loop()
    stop, wanted = asyncio.Event(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, wanted.set)
    crowd = [Simulated(number, models) for number in range(workers)]
    async with AsyncExitStack() as stack:
        ports = []
        for worker in crowd:
            server = grpc.aio.server(options=_KEEPALIVE)
            worker_pb2_grpc.add_WorkerServiceServicer_to_server(worker, server)  # type: ignore[no-untyped-call]
            health_pb2_grpc.add_HealthServicer_to_server(Healthy(), server)
            ports.append(server.add_insecure_port(f"{HOST}:0"))
            await server.start()
            stack.push_async_callback(server.stop, None)
        print(json.dumps({"message": "serving", "ports": ports}), flush=True)
        changing = asyncio.create_task(_change(crowd, wanted))
        await stop.wait()
        changing.cancel()


async def _change(crowd: list[Simulated], wanted: asyncio.Event) -> None:
    while True:
        await wanted.wait()
        wanted.clear()
        for worker in crowd:
            worker.change()
            await asyncio.sleep(CHANGE_S / len(crowd))
        print(json.dumps({"message": "changed"}), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
