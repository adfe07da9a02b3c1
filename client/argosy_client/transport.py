# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Sends calls over blocking gRPC channels."""

import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message

from argosy_client import xds
from argosy_client.calls import Call, check_size, timing_of
from argosy_client.errors import from_rpc
from argosy_client.patience import Patience
from argosy_client.settings import Settings, checked_timeout

T = TypeVar("T")


class Transport:
    """The channels to one fleet: one to its gateway, or one for each domain. They connect with their first call; safe
    to share between threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._channels = {
            key: grpc.insecure_channel(target, options=xds.options(target), compression=settings.grpc_compression)
            for key, target in xds.targets(settings.address).items()
        }

    def send(self, call: Call[T], timeout_s: float | None = None) -> T:
        """Sends a call and reads its answer; None as timeout is the client's default.

        A call of what is unavailable for a time that the fleet names is sent again after it, within the timeout.

        Raises:
            ArgosyError: The call failed.
            ValueError: The request is too large, or the timeout is not usable.
        """
        check_size(call.request)
        timeout = self.settings.timeout_s if timeout_s is None else checked_timeout(timeout_s)
        started = time.perf_counter()
        send = self._multicallable("unary_unary", call).with_call
        patience = Patience(timeout)
        while True:
            try:
                answer, rpc = send(call.request, timeout=patience.left_s(), metadata=call.metadata())
                break
            except grpc.RpcError as error:
                failed = from_rpc(error)
                pause_s = patience.pause_s(failed)
                if pause_s is None:
                    raise failed from error
            time.sleep(pause_s)
        total_ms = (time.perf_counter() - started) * 1e3
        return call.read(answer, timing_of(rpc.trailing_metadata() or (), total_ms))

    def stream(self, call: Call[T], timeout_s: float | None = None) -> Iterator[T]:
        """Yields each answer of a streaming call, which has no deadline where timeout is None.

        Ending the iteration cancels the call. Raises ArgosyError when the stream breaks.
        """
        timeout = None if timeout_s is None else checked_timeout(timeout_s)
        stream = self._multicallable("unary_stream", call)(call.request, timeout=timeout, metadata=call.metadata())
        started = time.perf_counter()
        try:
            for answer in stream:
                yield call.read(answer, timing_of((), (time.perf_counter() - started) * 1e3))
        except grpc.RpcError as error:
            raise from_rpc(error) from error
        finally:
            stream.cancel()

    def converse(self, call: Call[T], others: Iterable[Message], timeout_s: float | None = None) -> Iterator[T]:
        """Sends the call's request and then others as they come, and yields each answer.

        The call has no deadline where timeout is None. Ending the iteration cancels it.

        Raises:
            ArgosyError: The stream breaks. What ``others`` raises ends the requests, and is raised after all answers.
        """
        timeout = None if timeout_s is None else checked_timeout(timeout_s)
        failed: list[Exception] = []

        def requests() -> Iterator[Message]:
            yield call.request
            try:
                yield from others
            except Exception as error:  # gRPC would log it, and only say that iterating failed
                failed.append(error)

        stream = self._multicallable("stream_stream", call)(requests(), timeout=timeout, metadata=call.metadata())
        started = time.perf_counter()
        try:
            for answer in stream:
                yield call.read(answer, timing_of((), (time.perf_counter() - started) * 1e3))
        except grpc.RpcError as error:
            raise (failed[0] if failed else from_rpc(error)) from error
        finally:
            stream.cancel()
        if failed:
            raise failed[0]

    def close(self) -> None:
        """Closes the channels; calls in progress fail with CANCELLED."""
        for channel in self._channels.values():
            channel.close()

    def _multicallable(self, kind: str, call: Call[Any]) -> Any:
        channel = self._channels[xds.key(call.path, self._channels)]
        return getattr(channel, kind)(
            call.path,
            request_serializer=type(call.request).SerializeToString,
            response_deserializer=call.response_type.FromString,
        )
