# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Runs before the first caller, over the batch sizes and lengths that callers will use.

An engine's first run of a shape is slow: it takes memory, and on a GPU chooses algorithms. It happens on each device
and past the batcher; the runs after it go through the batcher, which learns from them how long a run takes.
"""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np

from argosy_worker.engines.port import Engine, Tensors, TensorSpec
from argosy_worker.errors import EngineFault
from argosy_worker.lifecycle.served import ServedModel
from argosy_worker.scheduling.padding import Sequences
from argosy_worker.scheduling.work import Terms
from argosy_worker.tensors import dtype_of

#: Runs through the batcher of one item and of full batches: as many as make it believe what it saw.
_TAUGHT = 3
#: Runs through the batcher of the sizes between.
_TAUGHT_BETWEEN = 1
#: Stands in for a variable dimension that is neither batch nor length.
EXTENT = 8


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of a run: so many items of a padded length; 1 where the model has no sequences."""

    items: int
    length: int

    @property
    def tokens(self) -> int:
        """What its cost grows with."""
        return self.items * self.length


@dataclass(slots=True)
class WarmUp:
    """What was warmed up."""

    shapes: int = 0
    """Shapes that ran."""
    skipped: int = 0
    """Shapes for which the time did not suffice, or that the model cannot run."""
    _ends: float = 0.0
    _last: tuple[int, float] = field(default=(1, 0.0))
    """Tokens of the last run, and how long it took."""

    async def run(self, served: ServedModel, sequences: Sequences | None, executor: Executor) -> None:
        """Runs shapes, cheap ones first, until all have run or ``execution.warm_up.max_s`` is over.

        A model that cannot take the values is not at fault: its golden samples decide.
        """
        specs = served.graph.inputs
        if any(spec.datatype == "BYTES" for spec in specs):
            return
        self._ends = time.monotonic() + served.graph.config.execution.warm_up.max_s
        devices = list({engine.device: engine for engine in served.engines}.values())
        too_long = float("inf")
        for shape in shapes(served, sequences):
            if shape.length >= too_long or not self._affordable(shape):
                self.skipped += 1
                continue
            try:
                await self._shape(shape, served, _inputs(specs, shape, sequences), devices, executor)
                self.shapes += 1
            except EngineFault:
                too_long = shape.length
                self.skipped += 1

    async def _shape(
        self, shape: Shape, served: ServedModel, inputs: Tensors, devices: list[Engine], executor: Executor
    ) -> None:
        loop = asyncio.get_running_loop()
        for engine in devices:
            await loop.run_in_executor(executor, engine.run, inputs)
        full = served.max_batch_size or 1
        for _ in range(_TAUGHT if shape.items in (1, full) else _TAUGHT_BETWEEN):
            if not self._affordable(shape):
                return
            started = time.monotonic()
            await served.infer(inputs, Terms())
            self._last = shape.tokens, time.monotonic() - started

    def _affordable(self, shape: Shape) -> bool:
        """Whether a run of the shape, in proportion to the last one, ends in time."""
        tokens, seconds = self._last
        return time.monotonic() + seconds * max(shape.tokens / tokens, 1.0) < self._ends


def shapes(served: ServedModel, sequences: Sequences | None) -> list[Shape]:
    """Returns the shapes to run, cheap ones first: as ``execution.warm_up`` says, or what callers are likely to use."""
    section = served.graph.config.execution.warm_up
    most = served.max_batch_size or 1
    sizes = [size for size in section.batch_sizes or _doubling(most) if size <= most]
    lengths = list(section.lengths or _lengths(served, sequences)) if sequences else [1]
    budget = sequences.max_tokens if sequences else 0
    found = {
        Shape(min(size, max(budget // length, 1)) if budget else size, length) for size in sizes for length in lengths
    }
    return sorted(found, key=lambda shape: (shape.tokens, shape.items))


def _doubling(most: int) -> list[int]:
    return [*(1 << power for power in range(most.bit_length()) if 1 << power < most), most]


def _lengths(served: ServedModel, sequences: Sequences) -> Iterator[int]:
    """The buckets, up to the one that holds the longest text that the model takes."""
    nlp = served.graph.config.nlp
    for bucket in sequences.buckets:
        if nlp is not None and bucket >= nlp.tokenizer.max_length:
            yield nlp.tokenizer.max_length
            return
        yield bucket


def _inputs(specs: tuple[TensorSpec, ...], shape: Shape, sequences: Sequences | None) -> Tensors:
    """Zeros; ones where the length varies, so that a mask hides nothing."""
    inputs = {}
    for spec in specs:
        padded = sequences is not None and spec.name in sequences.inputs
        extents = [
            (shape.items if axis == 0 else shape.length if axis == 1 and padded else EXTENT) if extent < 0 else extent
            for axis, extent in enumerate(spec.shape)
        ]
        inputs[spec.name] = np.full(extents, 1 if padded else 0, dtype_of(spec.datatype))
    return inputs
