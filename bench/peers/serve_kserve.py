# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""KServe's server for Python models: ``python -m bench.peers.serve_kserve GRPC_PORT HTTP_PORT``."""

import asyncio
import sys
from typing import Any

# KServe reads the command line when it is imported.
_ARGUMENTS, sys.argv = sys.argv[1:], sys.argv[:1]

from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer  # noqa: E402

from bench.peers import engine  # noqa: E402


class Served(Model):  # type: ignore[misc, unused-ignore]
    """The model; KServe itself does not batch."""

    def __init__(self) -> None:
        self._model = engine.load()
        super().__init__(self._model.name)
        self.ready = True

    async def predict(self, payload: InferRequest, *_: Any, **__: Any) -> InferResponse:
        """Runs one request."""
        result = await asyncio.to_thread(self._model.run, payload.inputs[0].as_numpy())
        output = InferOutput(name=self._model.output, shape=list(result.shape), datatype="FP32")
        output.set_data_from_numpy(result, binary_data=True)
        return InferResponse(response_id=payload.id or "1", model_name=self.name, infer_outputs=[output])


if __name__ == "__main__":
    ports = [int(argument) for argument in _ARGUMENTS]
    ModelServer(grpc_port=ports[0], http_port=ports[1], enable_grpc=True, workers=1).start([Served()])
