# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What is to be written into model.yaml, and why."""

from collections.abc import Callable, Mapping
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
class Asked:
    """What somebody said instead of having it guessed.

    Args:
        domain: Domain; None tells it by the graph.
        methods: Methods of the domain's service; empty for all that the graph allows.
        multi_label: Whether labels do not exclude each other; None tells it by the output.
    """

    domain: str | None = None
    methods: tuple[str, ...] = ()
    multi_label: bool | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a guess may use.

    Args:
        shapes: Shapes of inputs and outputs, as ONNX Runtime infers them.
        inputs: Samples.
        outputs: What the graph gave for them.
        run: Runs the graph on other inputs; raises Refused where it cannot.
        taken: Outputs that a method reads already.
    """

    graph: Graph
    shapes: Mapping[str, tuple[int | str, ...]]
    companions: Companions
    inputs: Mapping[str, NDArray[Any]]
    outputs: Mapping[str, NDArray[Any]]
    exporter: str
    run: Callable[[Mapping[str, NDArray[Any]]], Mapping[str, NDArray[Any]]]
    asked: Asked = field(default_factory=Asked)
    taken: frozenset[str] = frozenset()

    def told(self, *methods: str) -> bool:
        """Whether somebody asked for one of the methods by name."""
        return bool({*methods} & {*self.asked.methods})

    def free(self, *ranks: int) -> list[Value]:
        """Outputs of floating-point numbers of these ranks that no method reads yet."""
        return [
            value
            for value in self.graph.outputs
            if value.datatype in _FLOATS and value.name not in self.taken and self.given(value).ndim in ranks
        ]

    def given(self, value: Value) -> NDArray[Any]:
        """What the graph gave for an output; a scalar where it gave nothing."""
        return self.outputs.get(value.name, np.zeros(()))

    def nothing(self, value: Value) -> str:
        """What is missing where the graph gave an output without a number, which tells nothing."""
        shape = [*self.given(value).shape]
        return f"output '{value.name}' held no number for the samples, its shape was {shape}: give others by --samples"

    def dims(self, value: Value) -> tuple[int | str, ...]:
        """Dimensions of an input or output."""
        return self.shapes.get(value.name) or value.dims or ()

    def rows(self) -> list[Value]:
        """Outputs that hold a row of numbers for each item and are free; the usual names of scores first."""
        found = self.free(2)
        named = [value for name in _SCORES for value in found if name in value.name.lower()]
        return list({value.name: value for value in (*named, *found)}.values())

    def scores(self) -> Value | None:
        """The first of these; None where there is none."""
        return next(iter(self.rows()), None)

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
        reasons: By what each group of methods was recognised, in a sentence.
        notes: What else the graph could be, and what that would take, in sentences.
        section: The domain's section of model.yaml.
        comments: Comments of keys, by their path in model.yaml ("vision.mean").
        labels: Names of the classes.
        assets: Files to copy beside model.yaml, by name.
        request: A request of the first method, in proto3 JSON; empty where its call is to be one of tensors.
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
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
