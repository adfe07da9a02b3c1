# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A simulated accelerator, for capacity planning and benchmarks: a run of n items takes fixed_ms + item_ms * n.

Parameters (``execution.parameters``): ``fixed_ms`` (default 5), ``item_ms`` (default 0.25), ``exclusive`` (1, the
default: all instances in the process share one device; 0: each has its own), ``width`` (elements of an item, default
-1: any), ``memory_mb`` (memory that each instance is said to take, default 0). It takes ``x`` and returns it as ``y``,
both FP32 of shape [batch, width].
"""

import threading
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from argosy_worker.engines.port import EngineOptions, Tensors, TensorSpec
from argosy_worker.errors import ModelInvalid

_PARAMETERS = {"fixed_ms", "item_ms", "exclusive", "width", "memory_mb"}


class Timeline:
    """A device's queue: a run starts when it is handed over or when the one before ends, whichever is later."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._end = 0.0

    def book(self, seconds: float) -> float:
        """Takes the next ``seconds`` of the device; returns their end on the monotonic clock."""
        with self._lock:
            self._end = max(time.monotonic(), self._end) + seconds
            return self._end


class SimulatedEngine:
    """Sleeps where a device would compute."""

    device = "simulated:0"
    queues_runs = True

    def __init__(self, timeline: Timeline, fixed_s: float, item_s: float, width: int, memory_bytes: int) -> None:
        self._timeline = timeline
        self._fixed_s = fixed_s
        self._item_s = item_s
        self.memory_bytes = memory_bytes
        self.inputs = (TensorSpec("x", "FP32", (-1, width)),)
        self.outputs = (TensorSpec("y", "FP32", (-1, width)),)

    def run(self, inputs: Tensors) -> Tensors:
        """See :meth:`argosy_worker.engines.port.Engine.run`."""
        end = self._timeline.book(self._fixed_s + self._item_s * inputs["x"].shape[0])
        time.sleep(max(end - time.monotonic(), 0.0))
        return {"y": inputs["x"]}

    def close(self) -> None:
        """Nothing is held."""


def load(model: Path, options: EngineOptions) -> list[SimulatedEngine]:
    """Makes the instances; the model's folder needs no graph.

    Raises:
        ModelInvalid: a parameter is unknown or not a number.
    """
    unknown = sorted(set(options.parameters) - _PARAMETERS)
    if unknown:
        raise ModelInvalid(f"{model}: execution.parameters: unknown {', '.join(unknown)}")
    try:
        given = {name: float(value) for name, value in options.parameters.items()}
    except ValueError as error:
        raise ModelInvalid(f"{model}: execution.parameters: {error}") from error
    return [_instance(given) for _ in range(options.instances)]


def _instance(given: Mapping[str, float]) -> SimulatedEngine:
    return SimulatedEngine(
        timeline=_device() if given.get("exclusive", 1) else Timeline(),
        fixed_s=given.get("fixed_ms", 5) / 1e3,
        item_s=given.get("item_ms", 0.25) / 1e3,
        width=int(given.get("width", -1)),
        memory_bytes=int(given.get("memory_mb", 0) * 1e6),
    )


@cache
def _device() -> Timeline:
    """The process's one device: like a real one, it is there once whoever uses it."""
    return Timeline()
