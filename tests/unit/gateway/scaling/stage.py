# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A control plane's scaling without a control plane: a fleet that tests set, a clock that they turn, a server."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager

import grpc
from argosy.fleet.v1.load_pb2 import ModelLoad, WorkerLoad
from argosy.keda import externalscaler_pb2 as keda
from argosy.keda.externalscaler_pb2_grpc import ExternalScalerStub
from argosy_gateway.fleet import Fleet, WorkerView
from argosy_gateway.latest import Latest
from argosy_gateway.scaling.assembly import Scaling
from prometheus_client import CollectorRegistry

from tests.unit.gateway.fleets import model

ASLEEP = Fleet((), asleep={"vision": {"digits": model("digits")}})


class Stage:
    """One control plane."""

    def __init__(self, peers: Sequence[str] = ()) -> None:
        self.now = 1000.0
        self.fleet = Latest(ASLEEP)
        self.metrics = CollectorRegistry()
        self.scaling = Scaling(["vision"], peers, 30.0, self.fleet, self.metrics, lambda: self.now)
        self.port = 0

    @property
    def address(self) -> str:
        """Where it serves."""
        return f"127.0.0.1:{self.port}"

    def put(self, *workers: WorkerView) -> None:
        """Sets the fleet: asleep where there is no worker."""
        self.fleet.set(Fleet(workers) if workers else ASLEEP)

    def call(self, name: str = "digits") -> float | None:
        """A call that the front got; returns when its caller is told to come back."""
        return self.scaling.activator.retry_after_s(self.fleet.value.models[name])

    def pass_time(self, seconds: int, demand: float = 0.0, silent: Collection[WorkerView] = ()) -> None:
        """Lets time pass, in which the workers are asked for so many replicas' work, shared among those that report."""
        serving = [worker for worker in self.fleet.value.workers if worker.ready_models and worker not in silent]
        for _ in range(seconds):
            self.now += 1
            for worker in serving:
                self._asked = getattr(self, "_asked", 0.0) + 1000 * demand / len(serving) / len(serving)
                load = ModelLoad(
                    model="digits",
                    version=1,
                    offered_item_count=int(self._asked),
                    capacity_items_per_second=1000,
                    device_share=1,
                )
                self.scaling.report(worker.address, WorkerLoad(models=[load]))
            self.scaling._groups.measure()


@asynccontextmanager
async def serving(stage: Stage) -> AsyncIterator[ExternalScalerStub]:
    """Serves a stage, and yields KEDA's end."""
    server = grpc.aio.server()
    stage.scaling.add_to(server)
    stage.port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(stage.address) as channel:
            yield ExternalScalerStub(channel)  # type: ignore[no-untyped-call]
    finally:
        stage.scaling.close()
        await server.stop(0)


def scaled(**metadata: str) -> keda.ScaledObjectRef:
    """A ScaledObject as KEDA names it."""
    given = {"scalerAddress": "here:1", "domain": "vision", **metadata}
    return keda.ScaledObjectRef(name="worker-vision", namespace="argosy-system", scalerMetadata=given)
