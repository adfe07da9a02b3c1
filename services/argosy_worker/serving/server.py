# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Assembling the gRPC server: one table of methods, health, reflection."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import grpc
from argosy.descriptors import descriptor_set, pool_of
from argosy.status import DETAILS_KEY, Problem, pack
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2, reflection_pb2_grpc

from argosy_worker.serving import accepting

#: Both names of the reflection protocol; the messages are the same.
REFLECTION_SERVICES = ("grpc.reflection.v1alpha.ServerReflection", "grpc.reflection.v1.ServerReflection")


#: Makes a server from gRPC's channel arguments.
Make = Callable[[list[tuple[str, Any]]], Any]


class MethodTable(grpc.GenericRpcHandler):  # type: ignore[misc]
    """Finds a handler by path; every path has one, that of an unknown method refuses."""

    def __init__(self, handlers: Mapping[str, Any]) -> None:
        self._handlers = handlers
        self._unknown = grpc.stream_stream_rpc_method_handler(_refuse_unknown)

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        """Returns the handler of a call's path."""
        return self._handlers.get(handler_call_details.method, self._unknown)


def bind(
    address: str,
    port: int,
    max_message_bytes: int,
    make: Make = accepting.make,
    credentials: grpc.ServerCredentials | None = None,
) -> tuple[Any, int]:
    """Creates a server and binds it; returns it and its port.

    Args:
        address: IP address to listen on.
        port: Port to listen on; 0 takes a free one.
        max_message_bytes: Largest message; the edge refuses what is larger, grpc itself what is larger than twice.
        make: Makes the server.
        credentials: For TLS; None serves without.

    Raises:
        OSError: the port is in use, or the address is not this machine's.
    """
    server = make(
        [
            ("grpc.max_receive_message_length", 2 * max_message_bytes),
            ("grpc.max_send_message_length", 2 * max_message_bytes),
            ("grpc.so_reuseport", 0),  # a port in use is an error, not a shared port
            # The gateway finds hung workers by pings, far more often than grpc tolerates by default.
            ("grpc.http2.min_ping_interval_without_data_ms", 500),
            ("grpc.http2.max_ping_strikes", 0),
            # Callers share the gateway's connections, and gRPC refuses whatever refers to a header that it could not
            # read: with a table of headers, one malformed grpc-timeout would fail the calls of others.
            ("grpc.http2.hpack_table_size.decoder", 0),
            # Beyond these many calls that wait for the event loop gRPC ends some, anybody's, with a bare CANCELLED. The
            # gateway lets no more through; the queue refuses with a reason, once they have been heard.
            ("grpc.server.max_pending_requests", 10_000),
            ("grpc.server.max_pending_requests_hard_limit", 20_000),
        ]
    )
    return server, _listen(server, address, port, credentials)


def bind_health(address: str, port: int, health_servicer: Any) -> Any:
    """Creates a server of health alone, without TLS: probes of Kubernetes have no certificate. Raises OSError."""
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    health_pb2_grpc.add_HealthServicer_to_server(health_servicer, server)
    _listen(server, address, port)
    return server


def _listen(server: Any, address: str, port: int, credentials: grpc.ServerCredentials | None = None) -> int:
    host = f"[{address}]" if ":" in address else address
    at = f"{host}:{port}"
    try:
        listening: int = server.add_secure_port(at, credentials) if credentials else server.add_insecure_port(at)
    except RuntimeError as error:
        raise OSError(f"cannot listen on {at}: in use, or not an address of this machine") from error
    return listening


def install(server: Any, handlers: Mapping[str, Any], services: Sequence[str]) -> Any:
    """Adds handlers (by path), reflection of ``services`` (full names) and health; returns the health servicer."""
    health_servicer = health.aio.HealthServicer()
    table = {**handlers, **_health(health_servicer), **_reflection((*services, health.SERVICE_NAME))}
    server.add_generic_rpc_handlers((MethodTable(table),))
    return health_servicer


def _health(servicer: Any) -> dict[str, Any]:
    recorder = _Recorder()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, recorder)
    return recorder.handlers


def _reflection(services: Sequence[str]) -> dict[str, Any]:
    pool = pool_of(
        descriptor_set("all"), extra=(health_pb2.DESCRIPTOR.serialized_pb, reflection_pb2.DESCRIPTOR.serialized_pb)
    )
    recorder = _Recorder()
    servicer = reflection.aio.ReflectionServicer((*services, *REFLECTION_SERVICES), pool=pool)
    reflection_pb2_grpc.add_ServerReflectionServicer_to_server(servicer, recorder)
    (handler,) = recorder.handlers.values()
    return {f"/{name}/ServerReflectionInfo": handler for name in REFLECTION_SERVICES}


class _Recorder:
    """Takes handlers from generated ``add_..._to_server`` functions, so that one table holds them all."""

    def __init__(self) -> None:
        self.handlers: dict[str, Any] = {}

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        self.handlers.update({f"/{service}/{name}": handler for name, handler in handlers.items()})

    def add_generic_rpc_handlers(self, _handlers: Any) -> None:
        """The same handlers in another form."""


async def _refuse_unknown(_requests: Any, rpc: grpc.aio.ServicerContext) -> None:
    message = "unknown method"
    details = pack(grpc.StatusCode.UNIMPLEMENTED.value[0], Problem(message, "METHOD_UNKNOWN"))
    await rpc.abort(grpc.StatusCode.UNIMPLEMENTED, message, trailing_metadata=((DETAILS_KEY, details),))
