# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a domain gives to the worker, :class:`Domain`, and what the worker gives to its methods, :class:`Call`."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from google.protobuf.descriptor import ServiceDescriptor

from argosy_worker.engines.port import Tensors, TensorSpec
from argosy_worker.repository.schema import ModelConfig


@dataclass(frozen=True, slots=True)
class LoadedGraph:
    """What a domain sees of a model while it is being loaded."""

    name: str
    folder: Path
    """The model's folder: model.yaml and its assets."""
    config: ModelConfig
    labels: tuple[str, ...]
    """Class names in output order; empty where the model has none."""
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]


class Call(Protocol):
    """One call of a domain's method on a model that has been chosen already."""

    @property
    def config(self) -> ModelConfig:
        """The model's configuration."""
        ...

    @property
    def codec(self) -> Any:
        """What the domain's ``prepare`` returned for this model."""
        ...

    async def infer(self, inputs: Tensors) -> Tensors:
        """Runs the model on items stacked along the first dimension and returns all outputs, stacked alike.

        Raises:
            argosy_worker.errors.ArgosyError: overloaded, expired, or a fault of the engine.
        """
        ...

    async def infer_behind(self, inputs: Tensors) -> Tensors:
        """As :meth:`infer`, behind all calls of everybody else: for what may take a while, such as an explanation."""
        ...

    def expected_s(self, items: int) -> float:
        """How long so many items are expected to keep the model busy, in seconds; 0 while nothing is known of it."""
        ...

    async def offload(self, function: Callable[..., Any], *arguments: Any, payload_bytes: int) -> Any:
        """Calls a function that decodes: in a thread where ``payload_bytes`` makes it heavy, at once otherwise."""
        ...


#: A method: takes the request message and the call, returns the response without ``model`` and ``version``.
Method = Callable[[Any, Call], Awaitable[Any]]


#: A streaming method: takes the first request, an iterator over those that follow as they come, and the call; yields
#: responses without ``model`` and ``version``. It ends when the requests do, or earlier; it is closed when the caller
#: leaves.
StreamMethod = Callable[[Any, AsyncIterator[Any], Call], AsyncIterator[Any]]


def _none(_config: ModelConfig) -> Collection[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain's service."""

    name: str
    service: ServiceDescriptor
    methods: Mapping[str, Method]
    prepare: Callable[[LoadedGraph], Any]
    """Checks that section and graph fit the methods and loads assets; its result is every call's ``codec``.
    Raises :class:`argosy_worker.errors.ModelInvalid`."""
    streams: Mapping[str, StreamMethod] = field(default_factory=dict)
    """Methods of which requests and responses are streams; the first request names the model."""
    live_files: Callable[[ModelConfig], Collection[str]] = _none
    """Files of a model, relative to its folder, that may change while it serves: ``prepare`` is called again, and what
    it returns takes the place of the codec if the golden samples pass with it."""
