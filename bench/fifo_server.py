# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The baseline of overload and fairness: a bare batching server, first in, first out, that refuses nobody.

``python -m bench.fifo_server FIXED_MS ITEM_MS BATCH`` serves V2 ModelInfer on a free port, which it logs.
"""

import asyncio
import json
import sys
from collections import deque
from typing import Any

import grpc
import uvloop
from argosy import v2

Waiting = deque[tuple[Any, "asyncio.Future[None]"]]


async def serve(fixed_s: float, item_s: float, batch: int) -> None:
    """Serves until the process is stopped."""
    waiting: Waiting = deque()
    arrived = asyncio.Event()
    response_type = v2.message("ModelInferResponse")

    async def infer(request: Any, _rpc: grpc.aio.ServicerContext) -> Any:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.append((request, done))
        arrived.set()
        await done
        response = response_type(model_name=request.model_name, model_version="1")
        response.outputs.add(name="y", datatype="FP32", shape=request.inputs[0].shape)
        response.raw_output_contents.append(request.raw_input_contents[0])
        return response

    handler = grpc.unary_unary_rpc_method_handler(
        infer, v2.message("ModelInferRequest").FromString, response_type.SerializeToString
    )
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(v2.SERVICE, {"ModelInfer": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(json.dumps({"message": "serving", "port": port}), flush=True)
    await _work(waiting, arrived, fixed_s, item_s, batch)


async def _work(waiting: Waiting, arrived: asyncio.Event, fixed_s: float, item_s: float, batch: int) -> None:
    """The device: one batch after the other, each as large as what waits."""
    loop = asyncio.get_running_loop()
    end = 0.0
    while True:
        if not waiting:
            arrived.clear()
            await arrived.wait()
        taken = [waiting.popleft()[1] for _ in range(min(batch, len(waiting)))]
        end = max(loop.time(), end) + fixed_s + item_s * len(taken)
        await asyncio.sleep(end - loop.time())
        for done in taken:
            if not done.done():
                done.set_result(None)


if __name__ == "__main__":
    fixed_ms, item_ms, most = sys.argv[1:]
    uvloop.run(serve(float(fixed_ms) / 1e3, float(item_ms) / 1e3, int(most)))
