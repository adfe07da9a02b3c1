# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The control plane put together: source -> watches -> registry -> configurations -> ADS, and the front beside it."""

import asyncio
import logging
import signal
from pathlib import Path
from typing import Any

import grpc
from prometheus_client import CollectorRegistry, ProcessCollector, start_http_server

from argosy_gateway import snapshot_file
from argosy_gateway.ads.service import add_ads
from argosy_gateway.discovery import Source
from argosy_gateway.front.counted import CallCounter
from argosy_gateway.front.malformed import MalformedRefusal
from argosy_gateway.front.server import add_front
from argosy_gateway.latest import Latest
from argosy_gateway.metrics import FleetCollector
from argosy_gateway.proxyless import Configuration, ConfigurationBuilder, KeptConfiguration
from argosy_gateway.registry import Registry
from argosy_gateway.scaling.assembly import Scaling
from argosy_gateway.settings import Settings
from argosy_gateway.snapshot import Snapshot
from argosy_gateway.watch import dial, watcher

_log = logging.getLogger(__name__)

#: Largest message that the front takes and sends, in bytes.
MESSAGE_LIMIT = 64 << 20
_MESSAGES = (
    ("grpc.max_receive_message_length", MESSAGE_LIMIT),
    ("grpc.max_send_message_length", MESSAGE_LIMIT),
)
_SERVER = (
    *_MESSAGES,
    ("grpc.so_reuseport", 0),  # a port in use is an error
    # Envoy pings twice a second.
    ("grpc.http2.min_ping_interval_without_data_ms", 500),
    ("grpc.http2.max_ping_strikes", 0),
    # Callers share the gateway's connections, and gRPC refuses whatever refers to a header that it could not
    # read: with a table of headers, one malformed grpc-timeout would fail the calls of others.
    ("grpc.http2.hpack_table_size.decoder", 0),
)


class StartError(Exception):
    """The control plane cannot start; the text is one line that says why."""


async def run(settings: Settings, source: Source) -> None:
    """Serves until SIGTERM or SIGINT. Raises StartError where a port cannot be had."""
    # Before anything is announced: who reads that we listen may tell us to stop.
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    metrics = CollectorRegistry()
    registry = Registry(settings.autoscaled_domains)
    scaling = Scaling(settings.autoscaled_domains, settings.peer_names, settings.first_wake_s, registry.fleet, metrics)
    configurations: Latest[Configuration | None] = Latest(None)
    accepted: Latest[Snapshot | None] = Latest(None)
    metrics.register(FleetCollector(registry.fleet))
    ProcessCollector(registry=metrics)
    server = grpc.aio.server(interceptors=[CallCounter(metrics), MalformedRefusal()], options=_SERVER)
    async with grpc.aio.insecure_channel(settings.gateway_address, options=_MESSAGES) as gateway:
        add_ads(server, configurations, accepted, settings.max_ads_streams, metrics)
        add_front(server, registry.fleet, gateway, metrics, scaling.activator)
        scaling.add_to(server)
        port = _bind(server, settings)
        metrics_port = _serve_metrics(settings, metrics)
        if (desired := source.current()) is not None:
            registry.want(desired)
        await server.start()
        _log.info("listening", extra={"address": f"{settings.bind}:{port}", "port": port, "metrics_port": metrics_port})
        watching = asyncio.create_task(watcher.run(source, registry, scaling.report, dial=_dial(settings)))
        publishing = asyncio.create_task(_publish(registry, configurations, settings))
        keeping = asyncio.create_task(snapshot_file.keep(accepted, settings.snapshot))
        scaling_up = asyncio.create_task(_scale(registry, scaling, settings.load_timeout_s))
        stopping = asyncio.create_task(stop.wait())
        tasks: set[asyncio.Task[Any]] = {watching, publishing, keeping, scaling_up, stopping}
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        # Ends every watch and every ADS stream, so that only short calls are left to wait for.
        registry.fleet.close()
        configurations.close()
        scaling.close()
        await server.stop(settings.stop_grace_s)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for task in done - {stopping}:
            task.result()  # raises what ended it
        _log.info("stopped")


async def _publish(registry: Registry, configurations: Latest[Configuration | None], settings: Settings) -> None:
    """Renders each new state of the fleet, once all of it is known; meanwhile Envoy gets what it accepted last."""
    try:
        await asyncio.wait_for(registry.known(), settings.load_timeout_s)
    except TimeoutError:
        if (kept := await snapshot_file.kept(settings.snapshot)) is not None:
            _log.warning("nobody says which workers there are: Envoy gets the last configuration that it accepted")
            configurations.set(KeptConfiguration(kept))
        await registry.known()
    await registry.loaded(settings.load_timeout_s)
    builder = ConfigurationBuilder(settings.envoy_secrets if settings.worker_tls else "")
    async for fleet in registry.fleet.changes():
        configurations.set(builder.build(fleet))


async def _scale(registry: Registry, scaling: Scaling, load_timeout_s: float) -> None:
    """Decides nothing before all of the fleet is known."""
    await registry.known()
    await registry.loaded(load_timeout_s)
    await scaling.run()


def _dial(settings: Settings) -> dial.Dial:
    return dial.secured(Path(settings.worker_tls)) if settings.worker_tls else dial.plain


def _bind(server: grpc.aio.Server, settings: Settings) -> int:
    host = f"[{settings.bind}]" if ":" in settings.bind else settings.bind
    address = f"{host}:{settings.port}"
    try:
        port: int = server.add_insecure_port(address)
    except RuntimeError as error:
        raise StartError(f"cannot listen on {address}: is the port in use?") from error
    return port


def _serve_metrics(settings: Settings, metrics: CollectorRegistry) -> int:
    try:
        http, _ = start_http_server(settings.metrics_port, settings.bind, metrics)
    except OSError as error:
        raise StartError(
            f"cannot serve metrics on {settings.bind}:{settings.metrics_port}: {error.strerror}"
        ) from error
    return int(http.server_port)
