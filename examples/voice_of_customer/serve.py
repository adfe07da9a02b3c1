# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Serves voiceofcustomer.v1 until SIGTERM or Ctrl-C: ``python examples/voice_of_customer/serve.py --port 8090``.

It reaches Argosy's workers without a proxy: gRPC chooses among them as the control plane says.
"""

import argparse
import asyncio
import os
import signal
from contextlib import AsyncExitStack

import grpc
from argosy_client import xds
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health
from grpc_reflection.v1alpha import reflection
from service import VoiceOfCustomer
from voiceofcustomer.v1 import voice_of_customer_pb2, voice_of_customer_pb2_grpc

#: A recording of a minute, at most.
MAX_MESSAGE_BYTES = 16 << 20
GRACE_S = 10.0
DOMAINS = ("speech", "nlp", "recommendation")


def main() -> None:
    """Reads the options and serves."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--bind", default="127.0.0.1", help="address to listen on; default %(default)s")
    options.add_argument("--port", type=int, default=8090, help="port to listen on; default %(default)s")
    options.add_argument(
        "--control-plane", help="Argosy's control plane, host:port; default $ARGOSY_XDS, or this host's"
    )
    chosen = options.parse_args()
    if chosen.control_plane:
        os.environ["ARGOSY_XDS"] = chosen.control_plane
    asyncio.run(serve(f"{chosen.bind}:{chosen.port}"))


async def serve(address: str) -> None:
    """Serves at an address, "host:port"."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    targets = xds.targets("xds:///")
    async with AsyncExitStack() as stack:
        channels = [
            await stack.enter_async_context(grpc.aio.insecure_channel(targets[domain], xds.options(targets[domain])))
            for domain in DOMAINS
        ]
        server = grpc.aio.server(
            options=[("grpc.max_receive_message_length", MAX_MESSAGE_BYTES), ("grpc.so_reuseport", 0)]
        )
        add = voice_of_customer_pb2_grpc.add_VoiceOfCustomerServiceServicer_to_server
        add(VoiceOfCustomer(*channels), server)  # type: ignore[no-untyped-call]
        service = voice_of_customer_pb2.DESCRIPTOR.services_by_name["VoiceOfCustomerService"].full_name
        healthy = health.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(healthy, server)
        for name in ("", service):
            await healthy.set(name, health_pb2.HealthCheckResponse.SERVING)
        reflection.enable_server_reflection(
            (service, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name), server
        )
        server.add_insecure_port(address)
        await server.start()
        print(f"serving {service} at {address}", flush=True)
        await stopping.wait()
        await healthy.enter_graceful_shutdown()
        await server.stop(GRACE_S)


if __name__ == "__main__":
    main()
