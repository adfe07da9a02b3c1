# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Streams on which nobody says anything for long: nothing between caller and model may end them."""

import contextlib
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from argosy.fleet.v1.fleet_pb2 import WatchModelsRequest

from tests.contract.gateway import standin
from tests.contract.gateway.calls import V2, infer, open_channel
from tests.contract.gateway.fleet import run_standin
from tests.support.envoy import run_gateway

#: Longer than every default that ends quiet streams; Envoy's is five minutes.
QUIET_S = 370.0
WATCH = "/argosy.fleet.v1.FleetService/WatchModels"


class Stream:
    """A stream that is open in both directions."""

    def __init__(self, channel: grpc.Channel, path: str, metadata: tuple[tuple[str, str], ...] = ()) -> None:
        self._requests: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._call: Any = channel.stream_stream(path)(iter(self._requests.get, None), metadata=metadata)

    def say(self, message: bytes) -> None:
        """Sends a message."""
        self._requests.put(message)

    def hear(self) -> bytes:
        """Waits for a message."""
        answer: bytes = next(self._call)
        return answer

    def ask(self, message: Any) -> str:
        """Sends a message to a model; returns the replica that answers."""
        self.say(message.SerializeToString())
        answer = standin.message("inference.ModelStreamInferResponse").FromString(self.hear())
        replica: str = answer.infer_response.id
        return replica

    def close(self) -> None:
        """Leaves."""
        self._requests.put(None)
        self._call.cancel()


@contextlib.contextmanager
def open_streams(address: str) -> Iterator[tuple[list[Stream], Stream]]:
    """Opens streams of a model, routed by header and by message, and one of the front; all have answered once."""
    with open_channel(address) as channel:
        models = [Stream(channel, f"{V2}/ModelStreamInfer", (("x-model", "digits"),))]
        models.append(Stream(channel, f"{V2}/ModelStreamInfer"))
        front = Stream(channel, WATCH)
        try:
            for stream in models:
                assert stream.ask(infer("digits")) == "A"
            front.say(WatchModelsRequest().SerializeToString())
            assert b"digits" in front.hear()
            yield models, front
        finally:
            for stream in (*models, front):
                stream.close()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_streams_that_are_quiet_for_six_minutes_go_on(tmp_path: Path) -> None:
    with (
        run_standin("vision", "A", {"digits": {}}) as a,
        run_gateway([("vision", a.address)], tmp_path) as gateway,
        open_streams(gateway.address) as (models, front),
    ):
        # Not a wait for something to happen: that nothing does is what is tested.
        threading.Event().wait(QUIET_S)
        for stream in models:
            assert stream.ask(infer("digits")) == "A"
        a.set(models={"digits": {}, "later": {}})
        while b"later" not in front.hear():
            pass
