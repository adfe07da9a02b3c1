# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A model version that can answer: its engines behind a batcher, and what its domain prepared for it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from argosy_worker.engines.port import Engine, Tensors, TensorSpec
from argosy_worker.lifecycle.differences import Differences
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.lifecycle.usage import Usage
from argosy_worker.scheduling.batcher import Batcher
from argosy_worker.scheduling.work import Result, Terms


@dataclass(slots=True, eq=False)
class ServedModel:
    """One version, loaded. What every call needs of it is worked out once, when it is made."""

    graph: LoadedGraph
    version: int
    device: str
    batcher: Batcher
    codec: Any
    engines: Sequence[Engine]
    """Its instances; batches reach them through the batcher alone."""
    memory_bytes: int = 0
    """Memory that it takes, as measured when it was loaded."""
    sha256: str = ""
    """What its files hash to."""
    usage: Usage = field(default_factory=Usage)
    differences: Differences = field(default_factory=Differences)
    """From the stable version, on copies of calls."""
    name: str = field(init=False)
    version_text: str = field(init=False)
    max_batch_size: int = field(init=False)
    """Most items in one run; 0 where the graph has no batch dimension."""
    input_specs: Mapping[str, TensorSpec] = field(init=False)
    output_specs: Mapping[str, TensorSpec] = field(init=False)

    def __post_init__(self) -> None:
        self.name = self.graph.name
        self.version_text = str(self.version)
        self.max_batch_size = self.graph.config.batching.max_batch_size
        self.input_specs = {spec.name: spec for spec in self.graph.inputs}
        self.output_specs = {spec.name: spec for spec in self.graph.outputs}

    def items(self, inputs: Tensors) -> int:
        """Returns how many items are stacked in a request's arrays."""
        if not self.max_batch_size:
            return 1
        items: int = next(iter(inputs.values())).shape[0]
        return items

    def run_now(self, inputs: Tensors, items: int, terms: Terms, now: float) -> Result | None:
        """See :meth:`Batcher.run_now`; None also where the items are more than one run takes."""
        if items > (self.max_batch_size or 1):
            return None
        return self.batcher.run_now(inputs, items, terms, now)

    async def infer(self, inputs: Tensors, terms: Terms) -> Result:
        """Runs items stacked along the first dimension; more than the batch size are split and joined.

        Without a batch dimension (``max_batch_size`` 0) the arrays go to the engine as they are.

        Raises:
            ArgosyError: see :meth:`Batcher.submit`.
        """
        if self.max_batch_size == 0:
            return await self.batcher.submit(inputs, 1, terms)
        limit = self.batcher.most_items(inputs)
        items = self.items(inputs)
        if items <= limit:
            return await self.batcher.submit(inputs, items, terms)
        parts = [
            {name: array[start : start + limit] for name, array in inputs.items()} for start in range(0, items, limit)
        ]
        async with _FirstError() as tasks:
            for part in parts:
                size = next(iter(part.values())).shape[0]
                tasks.start(self.batcher.submit(part, size, terms))
        return _joined(tasks.results())


class _FirstError:
    """A task group that raises the first error itself, not in a group of errors."""

    def __init__(self) -> None:
        self._group = asyncio.TaskGroup()
        self._tasks: list[asyncio.Task[Result]] = []

    async def __aenter__(self) -> "_FirstError":
        await self._group.__aenter__()
        return self

    async def __aexit__(self, *exception: Any) -> None:
        try:
            await self._group.__aexit__(*exception)
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None

    def start(self, work: Any) -> None:
        self._tasks.append(self._group.create_task(work))

    def results(self) -> list[Result]:
        return [task.result() for task in self._tasks]


def _joined(results: list[Result]) -> Result:
    names = results[0].outputs
    return Result(
        outputs={name: np.concatenate([result.outputs[name] for result in results]) for name in names},
        batch_size=max(result.batch_size for result in results),
        queue_s=max(result.queue_s for result in results),
        compute_s=sum(result.compute_s for result in results),
    )
