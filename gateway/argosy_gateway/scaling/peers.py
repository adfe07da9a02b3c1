# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Control planes tell each other of calls that found no worker: each has an Envoy of its own, KEDA asks any of them."""

import asyncio
import logging
import socket
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterable

import grpc
from argosy.fleet.v1.demand_pb2 import DomainDemand, ModelWake, WatchDemandRequest, WatchDemandResponse
from argosy.fleet.v1.demand_pb2_grpc import DemandServiceServicer, DemandServiceStub
from argosy.status import Problem
from google.protobuf.duration_pb2 import Duration
from grpc.aio import ServicerContext

from argosy_gateway.front.problems import abort
from argosy_gateway.scaling.activator import Activator
from argosy_gateway.scaling.demand import Call, Demand
from argosy_gateway.scaling.wakes import Wakes

_log = logging.getLogger(__name__)

#: Time between two looks at who the peers are, and between two tries to reach one, in seconds.
RESOLVE_S, RETRY_S = 5.0, 1.0
_CHANNEL = (
    # Pings find a peer that is gone without a word.
    ("grpc.keepalive_time_ms", 5000),
    ("grpc.keepalive_timeout_ms", 2000),
    ("grpc.http2.ping_timeout_ms", 2000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_http_proxy", 0),
)


class DemandService(DemandServiceServicer):
    """Tells peers what this control plane has seen itself; what it was told it keeps to itself."""

    def __init__(self, demand: Demand, wakes: Wakes, clock: Callable[[], float] = time.monotonic) -> None:
        self.instance = uuid.uuid4().hex
        self._demand = demand
        self._wakes = wakes
        self._clock = clock

    async def WatchDemand(
        self, request: WatchDemandRequest, context: ServicerContext
    ) -> AsyncIterator[WatchDemandResponse]:
        """Streams all of it, now and after each change."""
        async for _ in self._demand.own_changed.changes():
            now = self._clock()
            yield WatchDemandResponse(
                instance=self.instance,
                domains=[
                    DomainDemand(domain=domain, age=_duration(now - call.at), delay=_duration(call.back - call.at))
                    for domain, call in self._demand.own.items()
                ],
                wakes=[
                    ModelWake(model=model, waits=map(_duration, waits)) for model, waits in self._wakes.learned.items()
                ],
            )
        await abort(context, grpc.StatusCode.UNAVAILABLE, Problem("the control plane is stopping", "STOPPING"))


class Peers:
    """Listens to all other control planes."""

    def __init__(
        self,
        names: Iterable[str],
        instance: str,
        activator: Activator,
        wakes: Wakes,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Args:
            names: "host:port" of peers; a name stands for all its addresses, and may stand for this process too.
            instance: What this process calls itself.
            activator: Told of their calls.
            wakes: Takes over what they have learned.
            clock: Monotonic time, in seconds.
        """
        self._names = tuple(names)
        self._instance = instance
        self._activator = activator
        self._wakes = wakes
        self._clock = clock

    async def run(self) -> None:
        """Listens until cancelled; peers that come and go are followed."""
        listening: dict[str, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as tasks:
            while self._names:
                found = await self._addresses()
                if found is not None:
                    for address in listening.keys() - found:
                        listening.pop(address).cancel()
                    for address in found - listening.keys():
                        listening[address] = tasks.create_task(self._listen(address))
                await asyncio.sleep(RESOLVE_S)

    async def _addresses(self) -> set[str] | None:
        """Addresses of all peers; None where a name could not be looked up, which says nothing of who is there."""
        loop = asyncio.get_running_loop()
        found: set[str] = set()
        for name in self._names:
            host, _, port = name.rpartition(":")
            try:
                answers = await loop.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
            except OSError as error:
                _log.debug("peers not found", extra={"peer": name, "reason": str(error)})
                return None
            found |= {_address(str(socket_address[0]), port) for *_, socket_address in answers}
        return found

    async def _listen(self, address: str) -> None:
        """Follows one peer; ends where that is this process."""
        while True:
            async with grpc.aio.insecure_channel(address, options=_CHANNEL) as channel:
                stub = DemandServiceStub(channel)  # type: ignore[no-untyped-call]
                call = stub.WatchDemand(WatchDemandRequest())
                try:
                    while (told := await call.read()) is not grpc.aio.EOF:
                        if told.instance == self._instance:
                            return
                        self._take(told)
                except grpc.aio.AioRpcError as error:
                    _log.debug("peer lost", extra={"peer": address, "reason": str(error.details())})
                finally:
                    call.cancel()
            await asyncio.sleep(RETRY_S)

    def _take(self, told: WatchDemandResponse) -> None:
        now = self._clock()
        for domain in told.domains:
            at = now - domain.age.ToNanoseconds() / 1e9
            self._activator.told(domain.domain, Call(at, at + domain.delay.ToNanoseconds() / 1e9))
        for wake in told.wakes:
            self._wakes.adopt(wake.model, [wait.ToNanoseconds() / 1e9 for wait in wake.waits])


def _address(ip: str, port: str) -> str:
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def _duration(seconds: float) -> Duration:
    duration = Duration()
    duration.FromNanoseconds(int(max(seconds, 0.0) * 1e9))
    return duration
