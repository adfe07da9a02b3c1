# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The engine port: all that the rest of the worker knows of an inference engine."""

from collections.abc import Mapping, Sequence
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
    binary: bool = False
    """Whether elements of BYTES are handed over as the bytes that they are; as text (UTF-8) otherwise."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How a version computes."""

    instances: int = 1
    """Instances to make, at least 1."""
    threads: int = 1
    """Compute threads of each instance, at least 1."""
    providers: tuple[str, ...] = ("cpu",)
    """What the version must be able to compute on, the preferred one first."""
    device_ids: tuple[int, ...] = (0,)
    """Devices that the instances are spread over, in turn."""
    device_memory_limit_bytes: int | None = None
    """Most memory that a session takes on its device; None sets no limit."""
    device_arena: str = "power_of_two"
    """How a session's memory on its device grows: ``power_of_two`` or ``as_requested``."""
    device_convolutions: str = "exhaustive"
    """How a device's convolution algorithms are chosen: ``exhaustive``, ``heuristic`` or ``default``."""
    cache: Path | None = None
    """Folder for what makes the next start faster; None keeps nothing."""
    parameters: Mapping[str, float | str] = field(default_factory=dict)
    """The engine's own settings, from ``execution.parameters`` in model.yaml."""


class Engine(Protocol):
    """One loaded instance of one model version. It runs one batch at a time."""

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    device: str
    queues_runs: bool
    """Whether a run may be handed over while another is in progress, to follow it on the device without a gap."""

    @property
    def memory_bytes(self) -> int | None:
        """Memory that the instance takes, where the engine knows; None where it is to be measured from outside."""
        ...

    def run(self, inputs: Tensors) -> Tensors:
        """Runs one batch and returns every output.

        Batches come from one thread at a time, not always the same one; from two where it queues runs. A golden
        sample may come from another thread meanwhile.

        Raises:
            argosy_worker.errors.InputRefused: it cannot run on these values.
            argosy_worker.errors.EngineFault: it failed otherwise.
        """
        ...

    def close(self) -> None:
        """Frees what the instance holds; it is not used again."""
        ...


class EngineFactory(Protocol):
    """Loads a version's folder; registered by name in the entry point group ``argosy.engines``."""

    def __call__(self, model: Path, options: EngineOptions) -> Sequence[Engine]:
        """Loads ``model`` (the version's folder) as ``options.instances`` instances, which may share their weights.

        Raises:
            argosy_worker.errors.ModelInvalid: the file cannot be loaded, or not on what was asked for.
        """
        ...
