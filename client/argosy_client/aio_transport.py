# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Sends calls over asyncio gRPC channels."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from argosy_client import xds
from argosy_client.calls import Call, check_size, timing_of
from argosy_client.errors import from_rpc
from argosy_client.patience import Patience
from argosy_client.settings import Settings, checked_timeout

T = TypeVar("T")


_CORE = "_cython_call"


class _TrueStatus:
    """The core of a stream, which keeps the status with which the stream ended.

    gRPC gives one that ended while a message was on its way INTERNAL in its place: the message cannot be sent any more.
    """

    def __init__(self, core: Any) -> None:
        self._core = core

    def __getattr__(self, name: str) -> Any:
        return getattr(self._core, name)

    def set_internal_error(self, text: str) -> None:
        """Not for a message that cannot be sent: the true status is on its way."""


class AsyncTransport:
    """The channels to one fleet, as Transport's; each is made with its first call, for the loop that runs then."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._targets = xds.targets(settings.address)
        self._channels: dict[str, Any] = {}
        self._closed = False

    async def send(self, call: Call[T], timeout_s: float | None = None) -> T:
        """Sends a call and reads its answer; None as timeout is the client's default.

        A call of what is unavailable for a time that the fleet names is sent again after it, within the timeout.

        Raises:
            ArgosyError: The call failed.
            ValueError: The request is too large, the timeout is not usable, or the client is closed.
        """
        check_size(call.request)
        timeout = self.settings.timeout_s if timeout_s is None else checked_timeout(timeout_s)
        started = time.perf_counter()
        send = self._multicallable("unary_unary", call)
        patience = Patience(timeout)
        while True:
            rpc = send(call.request, timeout=patience.left_s(), metadata=call.metadata())
            try:
                answer = await rpc
                trailers = await rpc.trailing_metadata()
                break
            except grpc.RpcError as error:
                failed = from_rpc(error)
                pause_s = patience.pause_s(failed)
                if pause_s is None:
                    raise failed from error
            await asyncio.sleep(pause_s)
        total_ms = (time.perf_counter() - started) * 1e3
        return call.read(answer, timing_of(trailers or (), total_ms))

    async def stream(self, call: Call[T], timeout_s: float | None = None) -> AsyncIterator[T]:
        """Yields each answer of a streaming call, which has no deadline where timeout is None.

        Closing the iterator cancels the call. Raises ArgosyError when the stream breaks.
        """
        timeout = None if timeout_s is None else checked_timeout(timeout_s)
        stream = self._multicallable("unary_stream", call)(call.request, timeout=timeout, metadata=call.metadata())
        started = time.perf_counter()
        try:
            async for answer in stream:
                yield call.read(answer, timing_of((), (time.perf_counter() - started) * 1e3))
        except grpc.RpcError as error:
            raise from_rpc(error) from error
        finally:
            stream.cancel()

    async def converse(
        self, call: Call[T], others: AsyncIterator[Message], timeout_s: float | None = None
    ) -> AsyncIterator[T]:
        """Sends the call's request and then others as they come, and yields each answer.

        The call has no deadline where timeout is None. Closing the iterator cancels it.

        Raises:
            ArgosyError: The stream breaks. What ``others`` raises ends the requests, and is raised after all answers.
        """
        timeout = None if timeout_s is None else checked_timeout(timeout_s)
        failed: list[Exception] = []

        async def requests() -> AsyncIterator[Message]:
            yield call.request
            try:
                async for one in others:
                    yield one
            except Exception as error:  # gRPC would only say that iterating failed
                failed.append(error)

        stream = self._multicallable("stream_stream", call)(requests(), timeout=timeout, metadata=call.metadata())
        if hasattr(stream, _CORE):
            setattr(stream, _CORE, _TrueStatus(getattr(stream, _CORE)))
        started = time.perf_counter()
        try:
            async for answer in stream:
                yield call.read(answer, timing_of((), (time.perf_counter() - started) * 1e3))
        except grpc.RpcError as error:
            raise (failed[0] if failed else from_rpc(error)) from error
        finally:
            stream.cancel()
        if failed:
            raise failed[0]

    async def close(self) -> None:
        """Closes the channels; calls in progress fail with CANCELLED."""
        self._closed = True
        for channel in self._channels.values():
            await channel.close()

    def _multicallable(self, kind: str, call: Call[Any]) -> Any:
        return getattr(self._open_channel(xds.key(call.path, self._targets)), kind)(
            call.path,
            request_serializer=type(call.request).SerializeToString,
            response_deserializer=call.response_type.FromString,
        )

    def _open_channel(self, key: str) -> Any:
        if self._closed:
            raise ValueError("the client is closed; make a new one")
        if key not in self._channels:
            target = self._targets[key]
            self._channels[key] = grpc.aio.insecure_channel(
                target, options=xds.options(target), compression=self.settings.grpc_compression
            )
        return self._channels[key]
