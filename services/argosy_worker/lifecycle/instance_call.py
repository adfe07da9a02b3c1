# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A call on one engine instance, past the batcher: golden samples ask each instance, and no caller waits for them."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from argosy_worker.engines.port import Engine, Tensors
from argosy_worker.lifecycle.served import ServedModel
from argosy_worker.repository.schema import ModelConfig


class InstanceCall:
    """Implements :class:`argosy_worker.lifecycle.domain.Call` on one instance of a loaded version."""

    def __init__(self, served: ServedModel, engine: Engine, codec: Any = None) -> None:
        """``codec`` stands in for the version's own where it is to be tried first."""
        self._engine = engine
        self._limit = served.max_batch_size
        self.config: ModelConfig = served.graph.config
        self.codec: Any = served.codec if codec is None else codec

    async def infer(self, inputs: Tensors) -> Tensors:
        """Runs the instance in a thread; see the protocol."""
        return await asyncio.to_thread(self._run, inputs)

    async def infer_behind(self, inputs: Tensors) -> Tensors:
        """As :meth:`infer`: nobody else uses the instance."""
        return await self.infer(inputs)

    def expected_s(self, items: int) -> float:
        """Nothing is known; see the protocol."""
        return 0.0

    async def offload(self, function: Callable[..., Any], *arguments: Any, payload_bytes: int) -> Any:
        """Decodes in a thread, whatever the size."""
        return await asyncio.to_thread(function, *arguments)

    def _run(self, inputs: Tensors) -> Tensors:
        answers = [self._engine.run(part) for part in _parts(inputs, self._limit)]
        if len(answers) == 1:
            return answers[0]
        return {name: np.concatenate([answer[name] for answer in answers]) for name in answers[0]}


def _parts(inputs: Tensors, limit: int) -> Iterator[Tensors]:
    """Cuts items stacked along the first dimension into batches of at most ``limit``; 0 leaves them as they are."""
    items = next(iter(inputs.values())).shape[0] if limit else 0
    if items <= limit:
        yield inputs
        return
    for start in range(0, items, limit):
        yield {name: array[start : start + limit] for name, array in inputs.items()}
