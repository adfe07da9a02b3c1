# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What is to be written into model.yaml, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_client.bridge.companions import Companions
from argosy_client.bridge.graph import Graph, Value

#: Names that outputs of scores usually have, best first.
_SCORES = ("probabilities", "probability", "probs", "scores", "logits", "output_probability")
_FLOATS = ("FP32", "FP64", "FP16")


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a guess may use.

    Args:
        shapes: Shapes of inputs and outputs, as ONNX Runtime infers them.
        inputs: Samples.
        outputs: What the graph gave for them.
    """

    graph: Graph
    shapes: Mapping[str, tuple[int | str, ...]]
    companions: Companions
    inputs: Mapping[str, NDArray[Any]]
    outputs: Mapping[str, NDArray[Any]]
    exporter: str

    def dims(self, value: Value) -> tuple[int | str, ...]:
        """Dimensions of an input or output."""
        return self.shapes.get(value.name) or value.dims or ()

    def scores(self) -> Value | None:
        """The output that holds a row of numbers for each item; the usual names first."""
        found = [
            value
            for value in self.graph.outputs
            if value.datatype in _FLOATS and getattr(self.outputs.get(value.name), "ndim", 0) == 2
        ]
        named = [value for name in _SCORES for value in found if name in value.name.lower()]
        return next(iter(named or found), None)

    def width(self, value: Value) -> int:
        """Numbers in a row of an output."""
        return int(self.outputs[value.name].shape[-1])

    def activation(self, value: Value) -> str:
        """What turns an output into probabilities, by what the graph gave for the samples."""
        rows = self.outputs[value.name].astype(np.float64)
        inside = bool(((rows >= -1e-6) & (rows <= 1 + 1e-6)).all())
        if self.width(value) == 1:
            return "none" if inside else "sigmoid"
        return "none" if inside and np.allclose(rows.sum(axis=1), 1, atol=1e-3) else "softmax"

    def labels(self, value: Value) -> tuple[str, ...]:
        """Names of the classes of an output, where they are known and as many."""
        width = self.width(value)
        count = 2 if width == 1 else width
        for labels in (self.companions.labels, self.graph.classes):
            if len(labels) == count:
                return labels
        return ()


@dataclass(frozen=True, slots=True)
class Plan:
    """How a model is to be served.

    Args:
        domain: Domain that serves it.
        why: Why that one, in half a sentence.
        methods: Methods of the domain's service; none where it is served by its tensors alone.
        section: The domain's section of model.yaml.
        comments: Comments of keys, by their path in model.yaml ("vision.mean").
        labels: Names of the classes.
        assets: Files to copy beside model.yaml, by name.
        batching: Further keys of that section.
        request: A request of the first method, in proto3 JSON.
        missing: What keeps typed calls away, where nothing of the graph does.
    """

    domain: str
    why: str
    methods: tuple[str, ...] = ()
    section: Mapping[str, Any] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    assets: Mapping[str, Path] = field(default_factory=dict)
    request: Mapping[str, Any] = field(default_factory=dict)
    missing: str = ""
