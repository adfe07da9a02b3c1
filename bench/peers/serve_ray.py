# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Ray Serve: ``python -m bench.peers.serve_ray GRPC_PORT HTTP_PORT``, over the V2 protocol."""

import asyncio
import signal
import sys
import threading
from typing import Any

import numpy as np
import ray
from argosy import v2
from ray import serve
from ray.serve.config import HTTPOptions, gRPCOptions

from bench.peers import engine

_SERVICER = "bench.peers.ray_stub.add_to_server"
_BATCH = engine.load().batch


@serve.deployment(max_ongoing_requests=4096, ray_actor_options={"num_cpus": 1})  # type: ignore[untyped-decorator, unused-ignore]
class Served:
    """The model, in one replica."""

    @serve.batch(max_batch_size=_BATCH, batch_wait_timeout_s=0.001)  # type: ignore[untyped-decorator, unused-ignore]
    async def run(self, rows: list[Any]) -> list[Any]:
        """Runs a batch."""
        result = await asyncio.to_thread(engine.load().run, np.concatenate(rows))
        return list(result[:, None])

    async def ModelInfer(self, serialized: bytes) -> Any:
        """Answers one request."""
        request = v2.message("ModelInferRequest").FromString(serialized)
        model = engine.load()
        row = np.frombuffer(request.raw_input_contents[0], np.float32).reshape(1, model.width)
        result = await self.run(row)
        response = v2.message("ModelInferResponse")(model_name=model.name, model_version="1")
        response.outputs.add(name=model.output, datatype="FP32", shape=result.shape)
        response.raw_output_contents.append(result.tobytes())
        return response


def main(port: int, http_port: int) -> None:
    """Serves until SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, configure_logging=False)
    serve.start(
        grpc_options=gRPCOptions(port=port, grpc_servicer_functions=[_SERVICER]),
        http_options=HTTPOptions(host="127.0.0.1", port=http_port),
    )
    served: Any = Served
    serve.run(served.bind(), name="peer", route_prefix="/peer")
    stop.wait()
    serve.shutdown()
    ray.shutdown()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
