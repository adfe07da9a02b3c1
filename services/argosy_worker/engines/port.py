# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The engine port: all that the rest of the worker knows of an inference engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

#: Named tensors. BYTES tensors are object arrays of ``bytes`` or ``str``.
Tensors = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One input or output of a graph; ``datatype`` in V2 spelling (``"FP32"``), ``shape`` with -1 where variable."""

    name: str
    datatype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How an instance computes."""

    threads: int = 1
    """Compute threads, at least 1."""
    parameters: Mapping[str, float | str] = field(default_factory=dict)
    """The engine's own settings, from ``execution.parameters`` in model.yaml."""


class Engine(Protocol):
    """One loaded instance of one model version. It runs one batch at a time."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    device: str
    queues_runs: bool
    """Whether a run may be handed over while another is in progress, to follow it on the device without a gap."""

    def run(self, inputs: Tensors) -> Tensors:
        """Runs one batch and returns every output.

        Called from one thread at a time, not always the same one; from two where it queues runs.

        Raises:
            argosy_worker.errors.EngineFault: the engine failed.
        """
        ...

    def close(self) -> None:
        """Frees what the instance holds; it is not used again."""
        ...


class EngineFactory(Protocol):
    """Loads a model file; registered by name in the entry point group ``argosy.engines``."""

    def __call__(self, model: Path, options: EngineOptions) -> Engine:
        """Loads ``model`` (the version's folder).

        Raises:
            argosy_worker.errors.ModelInvalid: the file cannot be loaded.
        """
        ...
