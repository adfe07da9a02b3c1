# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What every server runs: the simulated engine as it is, or the tiny network on ONNX Runtime with one thread.

Configured by variables, since some servers start processes of their own: ``PEER_MODEL`` is ``simulated`` or
``tiny``, ``PEER_DEVICE`` is ``FIXED_MS,ITEM_MS,BATCH``, ``PEER_GRAPH`` the path of the tiny network.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready to run."""

    name: str
    input: str
    output: str
    width: int
    """Elements of an item of the input."""
    output_width: int
    batch: int
    """Most items in a run."""
    run: Callable[[Array], Array]
    """[items, width] to [items, output_width]; blocks while it computes."""


@cache
def load() -> Loaded:
    """Loads what the variables say, once in a process."""
    return _tiny() if os.environ["PEER_MODEL"] == "tiny" else _simulated()


def _simulated() -> Loaded:
    from argosy_worker.engines import simulated
    from argosy_worker.engines.port import EngineOptions

    fixed_ms, item_ms, batch = os.environ["PEER_DEVICE"].split(",")
    options = EngineOptions(parameters={"fixed_ms": float(fixed_ms), "item_ms": float(item_ms)})
    (engine,) = simulated.load(Path(), options)

    def run(x: Array) -> Array:
        y: Array = engine.run({"x": x})["y"]
        return y

    return Loaded("simulated", "x", "y", 4, 4, int(batch), run)


def _tiny() -> Loaded:
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = 1
    session: Any = onnxruntime.InferenceSession(os.environ["PEER_GRAPH"], settings, providers=["CPUExecutionProvider"])

    def run(features: Array) -> Array:
        scores: Array = session.run(None, {"features": features})[0]
        return scores

    return Loaded("tiny", "features", "scores", 16, 10, 64, run)
