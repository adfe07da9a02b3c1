# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Reaching workers without a proxy: gRPC chooses among them by itself, as the control plane tells it over xDS."""

import json
import os
from collections.abc import Mapping

from argosy_client.settings import (
    DEFAULT_CONTROL_PLANE,
    MAX_MESSAGE_BYTES,
    WORKER_PING_MS,
    XDS_ADDRESS,
    XDS_VARIABLE,
    channel_options,
    is_host_and_port,
)

#: Domains that have a target of their own, ``xds:///argosy.DOMAIN``.
DOMAINS = ("nlp", "recommendation", "speech", "tabular", "vision")
#: Key of the target of calls that belong to no domain.
REST = ""

# What gRPC reads when a channel of the scheme xds first connects: the path of a file, or the text itself.
_FILE_VARIABLE = "GRPC_XDS_BOOTSTRAP"
_TEXT_VARIABLE = "GRPC_XDS_BOOTSTRAP_CONFIG"
_NODE = {"id": "argosy-client"}


def targets(address: str) -> dict[str, str]:
    """The gRPC target of each domain's calls and of the rest, which is absent where nobody said where it goes.

    For an address of the scheme xds, tells gRPC of the control plane, through the environment of this process, unless
    that says already. Raises ValueError for one that cannot be used.
    """
    if not address.startswith(XDS_ADDRESS):
        return {REST: address}
    control_plane = _control_plane()
    if control_plane and not os.environ.get(_FILE_VARIABLE):
        os.environ.setdefault(_TEXT_VARIABLE, bootstrap(control_plane))
    if address != XDS_ADDRESS:
        return {REST: address}
    rest = {REST: control_plane} if control_plane else {}
    return {domain: f"{XDS_ADDRESS}argosy.{domain}" for domain in DOMAINS} | rest


def key(path: str, known: Mapping[str, object]) -> str:
    """The key of a call's target. Raises ValueError for one about the fleet where nobody said where that goes."""
    domain = path.partition(".")[2].partition(".")[0]
    if domain in known:
        return domain
    if REST not in known:
        raise ValueError(f"calls about the fleet go to the control plane: set {XDS_VARIABLE} to its host:port")
    return REST


def bootstrap(control_plane: str) -> str:
    """Renders gRPC's xDS bootstrap for a control plane at "host:port"."""
    server = {"server_uri": control_plane, "channel_creds": [{"type": "insecure"}], "server_features": ["xds_v3"]}
    return json.dumps({"node": _NODE, "xds_servers": [server]})


def options(target: str) -> list[tuple[str, int]]:
    """Options of the channel of a target."""
    if not target.startswith(XDS_ADDRESS):
        return channel_options()
    ours = {
        # gRPC sends a call again only while it holds all of the request; by default it gives up at 256 KiB.
        "grpc.per_rpc_retry_buffer_size": MAX_MESSAGE_BYTES,
        # No proxy finds workers that hang.
        "grpc.keepalive_time_ms": WORKER_PING_MS,
        "grpc.keepalive_timeout_ms": WORKER_PING_MS,
        # gRPC 1.85 waits for the answer so long whatever the line above says; its default is a minute.
        "grpc.http2.ping_timeout_ms": WORKER_PING_MS,
    }
    return list((dict(channel_options()) | ours).items())


def _control_plane() -> str:
    """Where the control plane is; "" where gRPC alone was told."""
    named, earlier = os.environ.get(XDS_VARIABLE, ""), _earlier()
    if named and not is_host_and_port(named):
        raise ValueError(f"{XDS_VARIABLE} is {named!r}; it must be host:port, as in {DEFAULT_CONTROL_PLANE}")
    if named and earlier not in ("", named):
        raise ValueError(
            f"{XDS_VARIABLE} is {named}, and this process uses the control plane at {earlier}: "
            "gRPC has one for all channels of a process"
        )
    told = os.environ.get(_FILE_VARIABLE) or os.environ.get(_TEXT_VARIABLE)
    return named or earlier or ("" if told else DEFAULT_CONTROL_PLANE)


def _earlier() -> str:
    """The control plane in a bootstrap of ours: an earlier client's of this process, or of what started it."""
    try:
        told = json.loads(os.environ.get(_TEXT_VARIABLE, ""))
        return str(told["xds_servers"][0]["server_uri"]) if told["node"] == _NODE else ""
    except (ValueError, LookupError, TypeError):
        return ""
