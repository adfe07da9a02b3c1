# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""gRPC-Web over HTTP/1.1, written by hand: bytes that no gRPC library would send."""

import http.client
import struct
from collections.abc import Iterable
from dataclasses import dataclass

TRAILERS = 0x80


@dataclass(frozen=True)
class WebAnswer:
    """HTTP status, the call's status and message (empty where there was none), and the messages."""

    http: int
    status: str
    message: str
    messages: tuple[bytes, ...]


def frame(message: bytes, *, flags: int = 0, length: int | None = None) -> bytes:
    """A message behind its prefix, which may claim another length."""
    return struct.pack(">BI", flags, len(message) if length is None else length) + message


def post(address: str, path: str, body: bytes, headers: Iterable[tuple[str, bytes]] = ()) -> WebAnswer:
    """Posts a body as it is; later headers are added to the necessary ones."""
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        connection.putrequest("POST", path)
        for name, value in (("content-type", b"application/grpc-web"), ("x-grpc-web", b"1"), *headers):
            connection.putheader(name, value)
        connection.putheader("content-length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        fields = {name.lower(): value for name, value in response.getheaders()}
        messages = []
        for flags, content in _frames(response.read()) if response.status == 200 else ():
            if flags & TRAILERS:
                lines = (line.split(":", 1) for line in content.decode("latin-1").split("\r\n") if ":" in line)
                fields.update((name.lower(), value.strip()) for name, value in lines)
            else:
                messages.append(content)
        return WebAnswer(
            response.status, fields.get("grpc-status", ""), fields.get("grpc-message", ""), tuple(messages)
        )
    finally:
        connection.close()


def _frames(body: bytes) -> Iterable[tuple[int, bytes]]:
    at = 0
    while at + 5 <= len(body):
        flags, length = struct.unpack_from(">BI", body, at)
        yield flags, body[at + 5 : at + 5 + length]
        at += 5 + length
