# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Scaling put together, as one thing that the control plane runs."""

import asyncio
import time
from collections.abc import Callable, Iterable

import grpc
from argosy.fleet.v1.demand_pb2_grpc import add_DemandServiceServicer_to_server
from argosy.fleet.v1.load_pb2 import WorkerLoad
from argosy.keda.externalscaler_pb2_grpc import add_ExternalScalerServicer_to_server
from prometheus_client import CollectorRegistry

from argosy_gateway import services
from argosy_gateway.fleet import Fleet
from argosy_gateway.latest import Latest
from argosy_gateway.scaling.activator import Activator
from argosy_gateway.scaling.demand import Demand
from argosy_gateway.scaling.groups import Groups
from argosy_gateway.scaling.keda import ExternalScaler
from argosy_gateway.scaling.loads import Loads
from argosy_gateway.scaling.peers import DemandService, Peers
from argosy_gateway.scaling.wakes import Wakes

#: Time between two samples, in seconds: as often as workers report.
SAMPLE_S = 1.0


class Scaling:
    """Measures, answers KEDA, and wakes domains. For one event loop."""

    def __init__(
        self,
        autoscaled: Iterable[str],
        peers: Iterable[str],
        first_wake_s: float,
        fleet: Latest[Fleet],
        metrics: CollectorRegistry,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Args:
            autoscaled: Domains whose workers an autoscaler starts and stops.
            peers: "host:port" of the other control planes.
            first_wake_s: What a model is taken to need to wake while nothing was learned, in seconds.
            fleet: The fleet as it is.
            metrics: Where it is all shown.
            clock: Monotonic time, in seconds.
        """
        self._clock = clock
        self._known = False
        self._loads = Loads()
        self._demand = Demand()
        wakes = Wakes(first_wake_s)
        self.activator = Activator(autoscaled, fleet, self._demand, wakes, metrics, clock)
        self._groups = Groups(services.domains(), fleet, self._loads, self._demand, clock)
        self._scaler = ExternalScaler(self._groups, self._demand.changed, lambda: self._known, metrics)
        self._service = DemandService(self._demand, wakes, clock)
        self._peers = Peers(peers, self._service.instance, self.activator, wakes, clock)

    def add_to(self, server: grpc.aio.Server) -> None:
        """Serves KEDA and peers."""
        add_ExternalScalerServicer_to_server(self._scaler, server)  # type: ignore[no-untyped-call]
        add_DemandServiceServicer_to_server(self._service, server)  # type: ignore[no-untyped-call]

    def report(self, address: str, load: WorkerLoad) -> None:
        """Takes a worker's report of its load."""
        self._loads.report(address, load, self._clock())

    async def run(self) -> None:
        """Measures and learns until cancelled; to be started once the fleet is known: nothing is decided before."""
        self._known = True
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.activator.follow())
            tasks.create_task(self._peers.run())
            while True:
                self._groups.measure()
                await asyncio.sleep(SAMPLE_S)

    def close(self) -> None:
        """Ends every stream."""
        self._known = False
        self._demand.close()
