# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The ADS servicer: feeds streams with requests and configurations, and sends what is due."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable

import grpc
from envoy.service.discovery.v3 import ads_pb2_grpc
from envoy.service.discovery.v3.discovery_pb2 import DiscoveryRequest, DiscoveryResponse
from prometheus_client import CollectorRegistry, Counter, Gauge

from argosy_gateway.ads.admission import Admission, Refused, client_kind, refuse
from argosy_gateway.ads.stream import RequestTooLarge, Stream
from argosy_gateway.latest import Latest
from argosy_gateway.proxyless import Configuration
from argosy_gateway.snapshot import Snapshot

_log = logging.getLogger(__name__)

#: Time within which a stream's first request must come, in seconds.
_FIRST_REQUEST_S = 10.0
#: Longest text of a client that is logged.
_REASON_CHARACTERS = 1000


class AdsService(ads_pb2_grpc.AggregatedDiscoveryServiceServicer):  # type: ignore[misc]
    """Serves the newest configuration to every Envoy and to gRPC clients without a proxy, each its own.

    Answers nothing before there is one: data planes obey an empty configuration at once, and keep what they have where
    they get no answer.

    Args:
        configurations: The newest configuration; None until the fleet is known.
        accepted: Gets the newest snapshot that Envoy has accepted.
        max_streams: Streams of each kind of client at a time.
        metrics: Where to register counters.
    """

    def __init__(
        self,
        configurations: Latest[Configuration | None],
        accepted: Latest[Snapshot | None],
        max_streams: int,
        metrics: CollectorRegistry,
    ) -> None:
        self._configurations = configurations
        self._accepted = accepted
        streams = Gauge("argosy_gateway_ads_streams", "Connected data planes.", ["client"], registry=metrics)
        self._admission = Admission(max_streams, streams)
        self._sent = Counter("argosy_gateway_ads_responses", "Responses sent.", ["type"], registry=metrics)
        self._acks = Counter("argosy_gateway_ads_acks", "Responses accepted.", ["type"], registry=metrics)
        self._nacks = Counter("argosy_gateway_ads_nacks", "Responses refused.", ["type"], registry=metrics)

    async def StreamAggregatedResources(
        self, requests: AsyncIterator[DiscoveryRequest], context: grpc.aio.ServicerContext[object, object]
    ) -> AsyncIterator[DiscoveryResponse]:
        """Serves one data plane for as long as it stays."""
        incoming = aiter(requests)
        try:
            first = await asyncio.wait_for(anext(incoming), _FIRST_REQUEST_S)
        except TimeoutError:
            refused = Refused(grpc.StatusCode.DEADLINE_EXCEEDED, "FIRST_REQUEST_LATE", "no request came")
            await refuse(context, refused)
        except StopAsyncIteration:
            return
        kind = client_kind(first.node)
        try:
            with self._admission.enter(kind):
                async with contextlib.aclosing(self._serve(kind, first, incoming)) as responses:
                    async for response in responses:
                        yield response
        except Refused as refused:
            await refuse(context, refused)

    async def _serve(
        self, kind: str, first: DiscoveryRequest, incoming: AsyncIterator[DiscoveryRequest]
    ) -> AsyncGenerator[DiscoveryResponse, None]:
        stream = Stream(
            lambda *nack: self._on_nack(kind, *nack), lambda type_url: self._acks.labels(_short(type_url)).inc()
        )
        wake = asyncio.Event()
        followers = [
            asyncio.create_task(_feed(first, incoming, stream.receive, wake)),
            asyncio.create_task(self._feed_configurations(stream, kind, wake)),
        ]
        try:
            while not any(task.done() for task in followers):
                await wake.wait()
                wake.clear()
                for response in stream.take():
                    self._sent.labels(_short(response.type_url)).inc()
                    yield response
                if kind == "envoy":
                    self._note(stream.accepted())
        finally:
            for task in followers:
                task.cancel()
            ends = await asyncio.gather(*followers, return_exceptions=True)
        for end in ends:
            if isinstance(end, RequestTooLarge):
                raise Refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "REQUEST_TOO_LARGE", str(end)) from end

    async def _feed_configurations(self, stream: Stream, kind: str, wake: asyncio.Event) -> None:
        try:
            async for configuration in self._configurations.changes():
                if configuration is not None and (snapshot := _part(configuration, kind)) is not None:
                    stream.offer(snapshot)
                    wake.set()
        finally:
            wake.set()

    def _note(self, accepted: Snapshot | None) -> None:
        if accepted is not None and accepted is not self._accepted.value:
            self._accepted.set(accepted)

    def _on_nack(self, kind: str, type_url: str, version: str, detail: str) -> None:
        self._nacks.labels(_short(type_url)).inc()
        extra = {"client": kind, "type": type_url, "version": version, "reason": detail[:_REASON_CHARACTERS]}
        _log.error("configuration refused", extra=extra)


def add_ads(
    server: grpc.aio.Server,
    configurations: Latest[Configuration | None],
    accepted: Latest[Snapshot | None],
    max_streams: int,
    metrics: CollectorRegistry,
) -> None:
    """Serves ADS."""
    service = AdsService(configurations, accepted, max_streams, metrics)
    ads_pb2_grpc.add_AggregatedDiscoveryServiceServicer_to_server(service, server)


async def _feed(
    first: DiscoveryRequest,
    incoming: AsyncIterator[DiscoveryRequest],
    receive: Callable[[DiscoveryRequest], None],
    wake: asyncio.Event,
) -> None:
    try:
        receive(first)
        wake.set()
        async for request in incoming:
            receive(request)
            wake.set()
    finally:
        wake.set()


def _part(configuration: Configuration, kind: str) -> Snapshot | None:
    return configuration.grpc if kind == "grpc" else configuration.envoy


def _short(type_url: str) -> str:
    return type_url.rpartition(".")[2]
