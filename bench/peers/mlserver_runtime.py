# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""MLServer: a runtime that ``mlserver start FOLDER`` loads."""

import asyncio

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse

from bench.peers import engine


class Runtime(MLModel):  # type: ignore[misc, unused-ignore]
    """The model; MLServer batches by max_batch_size and max_batch_time of model-settings.json."""

    async def load(self) -> bool:
        """Loads it."""
        self._model = engine.load()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Runs a batch."""
        result = await asyncio.to_thread(self._model.run, NumpyCodec.decode_input(payload.inputs[0]))
        output = NumpyCodec.encode_output(name=self._model.output, payload=result)
        return InferenceResponse(model_name=self.name, outputs=[output])
