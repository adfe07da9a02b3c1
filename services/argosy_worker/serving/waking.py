# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Waking the event loop: what gRPC's polling thread has for it is heard in one turn, and the thread never waits for it.

For each event the thread writes a byte to a socket, which wakes the loop. grpc.aio reads one byte in each turn, and
handles all events in it: where several have come, the loop goes round once more for every byte, and finds nothing.
Where the bytes of a burst fill the socket, the thread stands still until the loop has gone round again, for one event
more; meanwhile it reads no calls, and they grow old (docs/decisions/0072).
"""

import contextlib
import socket
from typing import Any

from grpc._cython import cygrpc

#: More bytes than a socket holds of those that were written one by one.
_ALL = 65_536


class _Bell(socket.socket):
    """The loop's end: however often it was rung, it is answered once."""

    def recv(self, _bufsize: int, flags: int = 0, /) -> bytes:
        """Takes all that has come; nothing, where another loop of the process was first."""
        with contextlib.suppress(BlockingIOError):
            return super().recv(_ALL, flags)
        return b""


class _Sockets:
    """Stands in for the module ``socket`` where gRPC makes the pair."""

    def socketpair(self, *arguments: Any, **named: Any) -> tuple[socket.socket, socket.socket]:
        """Makes the loop's end and the thread's, which does not wait where the other is full: it was rung already."""
        read, write = socket.socketpair(*arguments, **named)
        write.setblocking(False)
        return _Bell(read.family, read.type, read.proto, read.detach()), write

    def __getattr__(self, name: str) -> Any:
        return getattr(socket, name)


def all_at_once() -> None:
    """Has gRPC's polling thread and the event loops of this process meet so; to be called before grpc.aio is used."""
    if getattr(cygrpc, "socket", None) is socket:
        cygrpc.socket = _Sockets()
