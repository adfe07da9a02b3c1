# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Settings of the client, all in one place."""

import math
import os
from dataclasses import dataclass
from typing import Literal

import grpc

Compression = Literal["gzip", "deflate"]

#: Environment variable that holds the address where none is given.
ADDRESS_VARIABLE = "ARGOSY_ADDRESS"
#: Where a fleet on this machine listens.
DEFAULT_ADDRESS = "127.0.0.1:8080"
#: Address that stands for the workers themselves, without a proxy between.
XDS_ADDRESS = "xds:///"
#: Environment variable that holds host:port of the control plane for it.
XDS_VARIABLE = "ARGOSY_XDS"
#: Where the control plane of a fleet on this machine listens.
DEFAULT_CONTROL_PLANE = "127.0.0.1:18000"
#: Largest request and largest answer, in bytes; the fleet's own default limit.
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
#: Silence on a connection with calls in progress after which it is probed, in ms.
KEEPALIVE_TIME_MS = 60_000
#: Time for the probe's answer, after which the connection counts as dead, in ms.
KEEPALIVE_TIMEOUT_MS = 10_000
#: Both times on connections to workers without a proxy, in ms.
WORKER_PING_MS = 1_000
#: Longest pause between attempts to connect, in ms; short, because fleets restart.
MAX_RECONNECT_BACKOFF_MS = 5_000

# Of targets that are no host:port.
_SCHEMES = (XDS_ADDRESS, "dns:", "unix:", "ipv4:", "ipv6:")
_COMPRESSIONS = {
    None: grpc.Compression.NoCompression,
    "deflate": grpc.Compression.Deflate,
    "gzip": grpc.Compression.Gzip,
}


@dataclass(frozen=True, slots=True)
class Settings:
    """How to reach a fleet.

    Args:
        address: "host:port" of the gateway, "xds:///" for the workers themselves, or any gRPC target.
        timeout_s: Deadline of a call that names none, in seconds, more than 0.
        compression: How requests are compressed; None sends them as they are.
    """

    address: str
    timeout_s: float
    compression: Compression | None

    @staticmethod
    def of(address: str | None, timeout_s: float, compression: Compression | None) -> "Settings":
        """Fills in defaults. Raises ValueError for a setting that cannot be used."""
        chosen = address or os.environ.get(ADDRESS_VARIABLE) or DEFAULT_ADDRESS
        if not (chosen.startswith(_SCHEMES) or is_host_and_port(chosen)):
            raise ValueError(
                f"address {chosen!r} is not host:port, with a port from 1 to 65535 and no scheme, "
                f"as in {DEFAULT_ADDRESS}"
            )
        if compression not in _COMPRESSIONS:
            raise ValueError(f"compression is {compression!r}; it must be 'gzip', 'deflate' or None")
        return Settings(chosen, checked_timeout(timeout_s), compression)

    @property
    def grpc_compression(self) -> grpc.Compression:
        """The compression as gRPC names it."""
        return _COMPRESSIONS[self.compression]


def is_host_and_port(address: str) -> bool:
    """Whether it is host:port. gRPC would take a missing port for 443, 65616 for 80."""
    host, _, port = address.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    named = bracketed or (host != "" and not set(host) & set(":/ []"))
    return named and port.isascii() and port.isdecimal() and len(port) <= 5 and 0 < int(port) < 65536


def checked_timeout(timeout_s: float) -> float:
    """Returns a usable timeout in seconds. Raises ValueError for one that is not a finite number above 0."""
    if not (timeout_s > 0 and math.isfinite(timeout_s)):
        raise ValueError(f"timeout_s is {timeout_s}; it must be a number of seconds above 0")
    return timeout_s


def channel_options() -> list[tuple[str, int]]:
    """Options of every channel, sync or asyncio."""
    return [
        ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
        ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
        ("grpc.keepalive_time_ms", KEEPALIVE_TIME_MS),
        ("grpc.keepalive_timeout_ms", KEEPALIVE_TIMEOUT_MS),
        ("grpc.max_reconnect_backoff_ms", MAX_RECONNECT_BACKOFF_MS),
    ]
