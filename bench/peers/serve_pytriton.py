# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""pytriton: ``python -m bench.peers.serve_pytriton PORT QUEUE_TIMEOUT_MS``; 0 leaves its queue at its default."""

import sys
from typing import Any

from pytriton.decorators import batch
from pytriton.model_config import DynamicBatcher, ModelConfig, QueuePolicy, Tensor, TimeoutAction
from pytriton.triton import Triton, TritonConfig

from bench.peers import engine
from bench.peers.engine import Array


def main(port: int, timeout_ms: int) -> None:
    """Serves until SIGTERM."""
    import numpy as np

    model = engine.load()

    @batch  # type: ignore[untyped-decorator, unused-ignore]
    def infer(**inputs: Array) -> list[Array]:
        return [model.run(inputs[model.input])]

    policy: Any = None
    if timeout_ms:
        policy = QueuePolicy(timeout_action=TimeoutAction.REJECT, default_timeout_microseconds=timeout_ms * 1000)
    batcher = DynamicBatcher(max_queue_delay_microseconds=0, default_queue_policy=policy)
    config = TritonConfig(grpc_port=port, allow_http=False, allow_metrics=False)
    with Triton(config=config) as triton:
        triton.bind(
            model_name=model.name,
            infer_func=infer,
            inputs=[Tensor(name=model.input, dtype=np.float32, shape=(model.width,))],
            outputs=[Tensor(name=model.output, dtype=np.float32, shape=(model.output_width,))],
            config=ModelConfig(max_batch_size=model.batch, batcher=batcher),
        )
        triton.serve()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
