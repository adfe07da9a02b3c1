# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls leave nothing to the garbage collector, which would stop the event loop to find it: answered or refused."""

import gc
from collections import Counter

import grpc
import pytest
from argosy_worker.errors import Overloaded
from argosy_worker.metrics import Metrics
from argosy_worker.serving import accepting, server
from argosy_worker.serving.edge import Edge, Exchange
from grpc._cython import cygrpc

PATH = "/test.Service/Method"
CALLS = 50


class Answer:
    """Looks like a message."""

    def SerializeToString(self) -> bytes:
        return b"answer"


async def serve(request: bytes, _exchange: Exchange) -> Answer:
    if request == b"refuse":
        raise Overloaded("the deadline cannot be met", reason="DEADLINE_UNMEETABLE", retry_after_s=1.0)
    if request == b"fail":
        raise ValueError("a defect")
    return Answer()


@pytest.mark.parametrize("request_", [b"answer", b"refuse", b"fail"])
async def test_a_call_leaves_no_cycles(request_: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cygrpc, accepting._FIND, getattr(cygrpc, accepting._FIND))
    edge = Edge("replica", 1 << 20, Metrics("test"))
    handlers = {PATH: edge.unary(PATH[1:], bytes, serve)}
    made, port = server.bind("127.0.0.1", 0, 1 << 20)
    made.add_generic_rpc_handlers((server.MethodTable(handlers),))
    accepting.find_at_once(made, handlers)
    await made.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            gc.collect()
            gc.disable()
            codes = [await channel.unary_unary(PATH)(request_, timeout=20).code() for _ in range(CALLS)]
            gc.set_debug(gc.DEBUG_SAVEALL)
            gc.collect()
            found = Counter(type(each).__name__ for each in gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
        await made.stop(None)
    assert (codes.count(grpc.StatusCode.OK) == CALLS) == (request_ == b"answer")
    # What a client leaves in this process is not looked at.
    ours = ("Exchange", "Overloaded", "Defect", "ValueError", "AbortError", "_ServicerContext", "RPCState")
    theirs = ("_HandlerCallDetails",)
    assert {name: found[name] for name in (*ours, *theirs) if found[name] > 1} == {}, found
