# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""BentoML: ``bentoml serve bench.peers.serve_bentoml:Served``. It speaks HTTP alone."""

import bentoml
import numpy as np

from bench.peers import engine

_BATCH = engine.load().batch


@bentoml.service(workers=1, traffic={"timeout": 60, "max_concurrency": 4096})  # type: ignore[untyped-decorator, unused-ignore]
class Served:
    """The model."""

    @bentoml.api(batchable=True, max_batch_size=_BATCH, max_latency_ms=60_000)  # type: ignore[untyped-decorator, unused-ignore]
    def infer(self, x: np.ndarray) -> np.ndarray:  # type: ignore[type-arg, unused-ignore]
        """Runs a batch."""
        return engine.load().run(np.asarray(x, np.float32))
