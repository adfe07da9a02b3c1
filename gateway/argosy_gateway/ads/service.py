# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The ADS servicer: feeds streams with requests and snapshots, and sends what is due."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import grpc
from envoy.service.discovery.v3 import ads_pb2_grpc
from envoy.service.discovery.v3.discovery_pb2 import DiscoveryRequest, DiscoveryResponse
from prometheus_client import CollectorRegistry, Counter, Gauge

from argosy_gateway.ads.stream import Stream
from argosy_gateway.latest import Latest
from argosy_gateway.snapshot import Snapshot

_log = logging.getLogger(__name__)


class AdsService(ads_pb2_grpc.AggregatedDiscoveryServiceServicer):  # type: ignore[misc]
    """Serves the newest snapshot to every Envoy. Answers nothing before there is one: Envoy obeys an empty
    configuration at once, and an Envoy that gets no answer keeps what it has.

    Args:
        snapshots: The newest snapshot; None until the fleet is known.
        metrics: Where to register counters.
    """

    def __init__(self, snapshots: Latest[Snapshot | None], metrics: CollectorRegistry) -> None:
        self._snapshots = snapshots
        self._streams = Gauge("argosy_gateway_ads_streams", "Connected data planes.", registry=metrics)
        self._sent = Counter("argosy_gateway_ads_responses", "Responses sent.", ["type"], registry=metrics)
        self._acks = Counter("argosy_gateway_ads_acks", "Responses accepted by Envoy.", ["type"], registry=metrics)
        self._nacks = Counter("argosy_gateway_ads_nacks", "Responses refused by Envoy.", ["type"], registry=metrics)

    async def StreamAggregatedResources(
        self, requests: AsyncIterator[DiscoveryRequest], context: grpc.aio.ServicerContext[object, object]
    ) -> AsyncIterator[DiscoveryResponse]:
        """Serves one Envoy for as long as it stays."""
        stream = Stream(self._on_nack, lambda type_url: self._acks.labels(_short(type_url)).inc())
        wake = asyncio.Event()
        followers = [
            asyncio.create_task(_feed(requests, stream.receive, wake)),
            asyncio.create_task(self._feed_snapshots(stream, wake)),
        ]
        with self._streams.track_inprogress():
            try:
                while not any(task.done() for task in followers):
                    await wake.wait()
                    wake.clear()
                    for response in stream.take():
                        self._sent.labels(_short(response.type_url)).inc()
                        yield response
            finally:
                for task in followers:
                    task.cancel()
                await asyncio.gather(*followers, return_exceptions=True)

    async def _feed_snapshots(self, stream: Stream, wake: asyncio.Event) -> None:
        try:
            async for snapshot in self._snapshots.changes():
                if snapshot is not None:
                    stream.offer(snapshot)
                    wake.set()
        finally:
            wake.set()

    def _on_nack(self, type_url: str, version: str, detail: str) -> None:
        self._nacks.labels(_short(type_url)).inc()
        _log.error("configuration refused by Envoy", extra={"type": type_url, "version": version, "reason": detail})


def add_ads(server: grpc.aio.Server, snapshots: Latest[Snapshot | None], metrics: CollectorRegistry) -> None:
    """Serves ADS."""
    ads_pb2_grpc.add_AggregatedDiscoveryServiceServicer_to_server(AdsService(snapshots, metrics), server)


async def _feed(
    requests: AsyncIterator[DiscoveryRequest], receive: Callable[[DiscoveryRequest], None], wake: asyncio.Event
) -> None:
    try:
        async for request in requests:
            receive(request)
            wake.set()
    finally:
        wake.set()


def _short(type_url: str) -> str:
    return type_url.rpartition(".")[2]
