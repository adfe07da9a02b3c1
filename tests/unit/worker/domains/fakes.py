# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A model without an engine: calls of a domain's methods run a numpy function instead of a graph."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argosy_worker.engines.port import Tensors, TensorSpec
from argosy_worker.errors import InvalidInput, ModelInvalid
from argosy_worker.lifecycle.domain import Domain, LoadedGraph
from argosy_worker.repository.schema import ModelConfig

Shape = tuple[int, ...]
#: Name of a tensor -> its shape, or its V2 datatype and shape; FP32 where none is given.
Specs = Mapping[str, Shape | tuple[str, Shape]]


@dataclass
class FakeCall:
    """Implements the Call protocol; keeps what the engine would have seen."""

    config: ModelConfig
    codec: Any
    run: Callable[[Tensors], Tensors]
    ran: list[Tensors] = field(default_factory=list)
    payloads: list[int] = field(default_factory=list)
    item_s: float = 0.0

    async def infer(self, inputs: Tensors) -> Tensors:
        self.ran.append(inputs)
        return self.run(inputs)

    async def infer_behind(self, inputs: Tensors) -> Tensors:
        return await self.infer(inputs)

    def expected_s(self, items: int) -> float:
        return items * self.item_s

    async def offload(self, function: Callable[..., Any], *arguments: Any, payload_bytes: int) -> Any:
        self.payloads.append(payload_bytes)
        return function(*arguments)

    @property
    def only_input(self) -> Any:
        """The only input of the only run."""
        ((array,),) = [tuple(inputs.values()) for inputs in self.ran]
        return array


def loaded(
    config: Mapping[str, Any],
    inputs: Specs,
    outputs: Specs,
    labels: Sequence[str] = (),
    folder: Path = Path("nowhere"),
) -> LoadedGraph:
    """A graph as a domain sees it while its model is loaded."""
    return LoadedGraph(
        "model", folder, ModelConfig.model_validate(config), tuple(labels), _specs(inputs), _specs(outputs)
    )


def fake_call(domain: Domain, graph: LoadedGraph, outputs: Tensors | Callable[[Tensors], Tensors]) -> FakeCall:
    """A call on a model; ``outputs`` is what each run returns, or the function that computes it."""
    run = outputs if callable(outputs) else lambda _: outputs
    return FakeCall(graph.config, domain.prepare(graph), run)


async def refusal(answer: Awaitable[Any]) -> InvalidInput:
    """The error with which a call is refused as bad input."""
    with pytest.raises(InvalidInput) as caught:
        await answer
    return caught.value


def assert_invalid(domain: Domain, graph: LoadedGraph, *parts: str) -> None:
    """Asserts that a model cannot be prepared, and that the text says so with every part."""
    with pytest.raises(ModelInvalid) as caught:
        domain.prepare(graph)
    for part in parts:
        assert part in str(caught.value)


def same_for_each(row: Sequence[float], output: str) -> Callable[[Tensors], Tensors]:
    """A model that answers each item alike."""
    return lambda inputs: {output: np.tile(np.array(row, np.float32), (len(next(iter(inputs.values()))), 1))}


def _specs(specs: Specs) -> tuple[TensorSpec, ...]:
    return tuple(
        TensorSpec(name, value[0], value[1]) if value and isinstance(value[0], str) else TensorSpec(name, "FP32", value)
        for name, value in specs.items()
    )
