# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A call in progress: what a domain's method works with, and what it leaves to tell afterwards."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from argosy_worker.engines.port import Tensors
from argosy_worker.lifecycle.served import ServedModel
from argosy_worker.repository.schema import ModelConfig
from argosy_worker.scheduling.work import LOWEST_PRIORITY, Result, Terms

#: Payloads up to this size are decoded on the event loop: that is quicker than handing them to a thread.
INLINE_DECODE_BYTES = 8192


class ActiveCall:
    """Implements :class:`argosy_worker.lifecycle.domain.Call` for one call on a resolved model."""

    __slots__ = (
        "_executor",
        "_served",
        "_stable",
        "_terms",
        "batch_size",
        "codec",
        "compute_s",
        "config",
        "items",
        "queue_s",
        "submitted",
    )

    def __init__(
        self, served: ServedModel, terms: Terms, executor: Executor, stable: ServedModel | None = None
    ) -> None:
        self._served = served
        #: What a copy of a call is compared with; None where that is not to be.
        self._stable = stable
        self._terms = terms
        self._executor = executor
        self.config: ModelConfig = served.graph.config
        self.codec: Any = served.codec
        self.batch_size = 0
        self.items = 0
        self.queue_s = 0.0
        self.compute_s = 0.0
        #: When the model was first asked to run, on the monotonic clock; 0 where it never was.
        self.submitted = 0.0

    async def infer(self, inputs: Tensors) -> Tensors:
        """Runs the model on items stacked along the first dimension; see the protocol."""
        now = time.monotonic()
        self.submitted = self.submitted or now
        served = self._served
        items = served.items(inputs)
        result = served.run_now(inputs, items, self._terms, now) or await served.infer(inputs, self._terms)
        if self._stable is not None:
            served.differences.compare_later(self._stable, inputs, result.outputs, self._terms)
        return self._noted(result, items)

    async def infer_behind(self, inputs: Tensors) -> Tensors:
        """Runs the model behind all calls of everybody else; see the protocol."""
        self.submitted = self.submitted or time.monotonic()
        terms = self._terms._replace(priority=max(self._terms.priority, LOWEST_PRIORITY))
        return self._noted(await self._served.infer(inputs, terms), self._served.items(inputs))

    def expected_s(self, items: int) -> float:
        """How long so many items are expected to keep the model busy; see the protocol."""
        capacity = self._served.batcher.capacity
        return items / capacity if capacity else 0.0

    def _noted(self, result: Result, items: int) -> Tensors:
        outputs, batch_size, queue_s, compute_s = result
        if batch_size > self.batch_size:
            self.batch_size = batch_size
        self.items += items
        self.queue_s += queue_s
        self.compute_s += compute_s
        return outputs

    async def offload(self, function: Callable[..., Any], *arguments: Any, payload_bytes: int) -> Any:
        """Decodes: in a thread where the payload is large, at once where it is small."""
        if payload_bytes <= INLINE_DECODE_BYTES:
            return function(*arguments)
        return await asyncio.get_running_loop().run_in_executor(self._executor, function, *arguments)
