# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""An engine that a caller can make crash or block its worker: y = 2 x, unless x begins with one of the values below.

It is an engine like any other: ``installed`` registers it for workers, as a package that brings one would.
"""

import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from argosy import v2
from argosy_worker.engines.port import EngineOptions, Tensors, TensorSpec

#: Ends the process that runs it.
POISON = -1.0
#: Blocks whatever runs it: the event loop, as runs that are predicted to be short happen there.
BLOCK = -2.0
BLOCKED_S = 4.0
MODEL_YAML = "execution: {engine: misbehaving}\n"
ROOT = Path(__file__).parents[2]


class MisbehavingEngine:
    """One instance."""

    device = "test"
    queues_runs = False
    memory_bytes = 0
    inputs = (TensorSpec("x", "FP32", (-1, 1)),)
    outputs = (TensorSpec("y", "FP32", (-1, 1)),)

    def run(self, inputs: Tensors) -> Tensors:
        """Does as the values say."""
        x = inputs["x"]
        if POISON in x:
            os.kill(os.getpid(), signal.SIGKILL)
        if BLOCK in x:
            time.sleep(BLOCKED_S)
        return {"y": x * np.float32(2)}

    def close(self) -> None:
        """Nothing is held."""


def load(_model: Path, options: EngineOptions) -> list[MisbehavingEngine]:
    """Makes the instances."""
    return [MisbehavingEngine() for _ in range(options.instances)]


def installed(folder: Path) -> Mapping[str, str]:
    """Registers the engine in a folder; returns the environment of a worker that finds it."""
    package = folder / "misbehaving-1.dist-info"
    package.mkdir(parents=True)
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: misbehaving\nVersion: 1\n")
    (package / "entry_points.txt").write_text(f"[argosy.engines]\nmisbehaving = {__name__}:load\n")
    paths = (str(folder), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def add_misbehaving(repository: Path, name: str) -> Path:
    """Adds a model that the engine runs; returns its folder."""
    folder = repository / name
    (folder / "1").mkdir(parents=True)
    (folder / "model.yaml").write_text(MODEL_YAML)
    return folder


def infer(name: str, value: float) -> bytes:
    """A V2 request of one value."""
    request = v2.message("ModelInferRequest")(model_name=name)
    request.inputs.add(name="x", datatype="FP32", shape=[1, 1])
    request.raw_input_contents.append(np.float32(value).tobytes())
    raw: bytes = request.SerializeToString()
    return raw


def answer(raw: bytes) -> float:
    """The value of an answer."""
    response = v2.message("ModelInferResponse").FromString(raw)
    return float(np.frombuffer(response.raw_output_contents[0], np.float32)[0])
