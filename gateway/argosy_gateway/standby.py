# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m argosy_gateway.standby``: configures an Envoy that starts while the control plane is dead.

Envoy turns to it where it never had an answer from the control plane (the second of its ADS servers). It serves the
last configuration that Envoy accepted, which the control plane keeps in a file, and ends every stream as soon as the
control plane is there again: Envoy then tries that first, and once it has an answer stays with it.
"""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import grpc
import uvloop
from argosy import logs
from envoy.service.discovery.v3 import ads_pb2_grpc
from envoy.service.discovery.v3.discovery_pb2 import DiscoveryRequest, DiscoveryResponse

from argosy_gateway.ads.stream import Stream
from argosy_gateway.bootstrap import address_argument
from argosy_gateway.snapshot_file import kept

_log = logging.getLogger("argosy_gateway.standby")

#: One Envoy has one stream; more than these are a mistake.
_MOST_STREAMS = 64
_SERVER = (
    ("grpc.so_reuseport", 0),
    ("grpc.max_send_message_length", 64 << 20),
    # Envoy pings twice a second.
    ("grpc.http2.min_ping_interval_without_data_ms", 500),
    ("grpc.http2.max_ping_strikes", 0),
)
_CLIENT = (
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
    ("grpc.keepalive_time_ms", 1000),
    ("grpc.http2.ping_timeout_ms", 1000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.enable_http_proxy", 0),
)


@dataclass(frozen=True, slots=True)
class Options:
    """Settings: where the configuration is kept, where to serve it, and the "host:port" of the control plane."""

    snapshot: str
    control_plane: str
    bind: str = "127.0.0.1"
    port: int = 18002


_DEFAULTS = Options("", "")


class ControlPlane:
    """Knows whether the control plane is there."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel
        self._there = asyncio.Event()

    @property
    def there(self) -> bool:
        """Whether it accepts calls."""
        return self._there.is_set()

    async def appears(self) -> None:
        """Waits until it is there."""
        await self._there.wait()

    async def follow(self) -> None:
        """Keeps looking, until cancelled."""
        while True:
            state = self._channel.get_state(try_to_connect=True)
            if state is grpc.ChannelConnectivity.READY:
                self._there.set()
            else:
                self._there.clear()
            await self._channel.wait_for_state_change(state)


class Standby(ads_pb2_grpc.AggregatedDiscoveryServiceServicer):  # type: ignore[misc]
    """Serves the kept configuration while the control plane is away."""

    def __init__(self, path: str, control_plane: ControlPlane) -> None:
        self._path = path
        self._control_plane = control_plane

    async def StreamAggregatedResources(
        self, requests: AsyncIterator[DiscoveryRequest], context: grpc.aio.ServicerContext[object, object]
    ) -> AsyncIterator[DiscoveryResponse]:
        """Serves one Envoy until the control plane is there; refuses where it is, or where nothing is kept."""
        if self._control_plane.there:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "the control plane is there: ask that")
        snapshot = await kept(self._path)
        if snapshot is None:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "no configuration is kept")
            raise AssertionError("abort always raises")
        _log.warning("the control plane is away: Envoy gets the last configuration that it accepted")
        stream = Stream(_refused, lambda _type_url: None)
        stream.offer(snapshot)
        appears = asyncio.create_task(self._control_plane.appears())
        try:
            while (request := await _next(requests, appears)) is not None:
                stream.receive(request)
                for response in stream.take():
                    yield response
        finally:
            appears.cancel()


async def _next(requests: AsyncIterator[DiscoveryRequest], ends: "asyncio.Task[None]") -> DiscoveryRequest | None:
    """The next request; None where the client leaves, or once ``ends`` is done."""

    async def receive() -> DiscoveryRequest | None:
        return await anext(requests, None)

    receiving = asyncio.create_task(receive())
    await asyncio.wait((receiving, ends), return_when=asyncio.FIRST_COMPLETED)
    if receiving.done():
        return receiving.result()
    receiving.cancel()
    await asyncio.gather(receiving, return_exceptions=True)
    return None


def _refused(type_url: str, _version: str, detail: str) -> None:
    _log.error("kept configuration refused by Envoy", extra={"type": type_url, "reason": detail})


async def run(options: Options) -> None:
    """Serves until SIGTERM or SIGINT.

    Raises:
        OSError: the port is in use.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = grpc.aio.server(options=_SERVER, maximum_concurrent_rpcs=_MOST_STREAMS)
    async with grpc.aio.insecure_channel(options.control_plane, options=_CLIENT) as channel:
        control_plane = ControlPlane(channel)
        following = asyncio.create_task(control_plane.follow())
        standby = Standby(options.snapshot, control_plane)
        ads_pb2_grpc.add_AggregatedDiscoveryServiceServicer_to_server(standby, server)
        port = _bind(server, options)
        await server.start()
        _log.info("listening", extra={"port": port})
        await stop.wait()
        following.cancel()
        await server.stop(None)


def _bind(server: grpc.aio.Server, options: Options) -> int:
    host = f"[{options.bind}]" if ":" in options.bind else options.bind
    try:
        port: int = server.add_insecure_port(f"{host}:{options.port}")
    except RuntimeError as error:
        raise OSError(f"cannot listen on {host}:{options.port}: is the port in use?") from error
    return port


def main(arguments: Sequence[str]) -> int:
    """Runs until told to stop; 0 then, 1 with one line on standard error where it cannot start."""
    parser = argparse.ArgumentParser(
        prog="argosy_gateway.standby", description="Configures an Envoy that starts while the control plane is dead."
    )
    parser.add_argument("--snapshot", required=True, help="file that the control plane keeps (--snapshot)")
    parser.add_argument("--control-plane", type=address_argument, required=True, help="host:port of the control plane")
    parser.add_argument("--bind", default=_DEFAULTS.bind, help="IP address on which to serve; default %(default)s")
    parser.add_argument("--port", type=int, default=_DEFAULTS.port, help="port of ADS; default %(default)s")
    chosen = Options(**vars(parser.parse_args(arguments)))
    logs.configure()
    try:
        uvloop.run(run(chosen))
    except OSError as error:
        sys.stderr.write(f"argosy_gateway.standby: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
