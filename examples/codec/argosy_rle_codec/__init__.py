# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A codec for Argosy: run-length encoded grey pictures in, labels in text out.

A picture is pairs of bytes, a count from 1 to 255 and a grey value, row by row. Parameters: ``scale``, by which values
are multiplied (default 1/255); ``labels``, a file beside model.yaml with one class name a line.
"""

from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from argosy_worker.engines.port import TensorSpec
from argosy_worker.errors import CodecRefused
from numpy.typing import NDArray

Tensors = Mapping[str, NDArray[Any]]


class RunLengths:
    """Keeps nothing between calls, so that any thread may call it at any time."""

    inputs = (TensorSpec("runs", "BYTES", (-1, 1), binary=True),)
    outputs = (TensorSpec("label", "BYTES", (-1, 1)), TensorSpec("score", "FP32", (-1, 1)))

    def __init__(self, picture: TensorSpec, scores: TensorSpec, scale: float, labels: Sequence[str]) -> None:
        self._picture = picture
        self._scores = scores.name
        self._scale = np.float32(scale)
        self._labels = np.array(labels, np.object_)

    def encode(self, inputs: Tensors) -> Tensors:
        """Expands the runs of a batch [batch, 1] into pictures of the graph's shape."""
        runs = inputs["runs"].ravel()
        pictures = np.stack([self._expand(each) for each in runs])
        return {self._picture.name: pictures.reshape(len(runs), *self._picture.shape[1:])}

    def decode(self, outputs: Tensors) -> Tensors:
        """Names the best class of each picture."""
        scores = outputs[self._scores]
        best = scores.argmax(axis=1)
        return {"label": self._labels[best][:, None], "score": scores[np.arange(len(best)), best][:, None]}

    def _expand(self, runs: bytes) -> NDArray[np.float32]:
        pairs = np.frombuffer(runs[: len(runs) // 2 * 2], np.uint8).reshape(-1, 2)
        pixels = prod(self._picture.shape[1:])
        found = int(pairs[:, 0].sum(dtype=np.int64))
        if len(runs) % 2 or found != pixels:  # before anything of the claimed size is made
            raise CodecRefused(
                f"runs: {len(runs)} bytes describe {found} pixels; send pairs of a count and a value for {pixels}",
                reason="RUNS_INVALID",
            )
        return np.repeat(pairs[:, 1], pairs[:, 0]) * self._scale


def make(
    inputs: Sequence[TensorSpec],
    outputs: Sequence[TensorSpec],
    parameters: Mapping[str, float | str],
    folder: Path,
) -> RunLengths:
    """Makes the codec for a graph of one picture and class scores; see argosy_worker/engines/codec.py.

    Raises:
        ValueError: the graph is another one, or a parameter is unknown.
    """
    unknown = sorted(set(parameters) - {"scale", "labels"})
    if unknown:
        raise ValueError(f"codec.parameters: unknown {', '.join(unknown)}; there are scale and labels")
    if len(inputs) != 1 or inputs[0].datatype != "FP32" or min(inputs[0].shape[1:], default=-1) < 1:
        raise ValueError("the graph must have one input, FP32 pictures of a fixed size")
    labels = (folder / str(parameters["labels"])).read_text("utf-8").split()
    return RunLengths(inputs[0], outputs[0], float(parameters.get("scale", 1 / 255)), labels)
