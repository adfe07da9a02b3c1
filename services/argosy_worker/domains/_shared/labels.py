# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""From an output with one score for each class to the labels of a response."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from argosy.common.v1.label_pb2 import ScoredLabel
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import ANY, invalid, output_port
from argosy_worker.domains._shared.limits import chosen_top_k
from argosy_worker.domains._shared.outputs import finite_output
from argosy_worker.engines.port import Tensors
from argosy_worker.lifecycle.domain import LoadedGraph

Activation = Literal["none", "softmax", "sigmoid"]

#: Labels returned where a request does not say how many.
DEFAULT_TOP_K = 5


@dataclass(frozen=True, slots=True)
class LabelReader:
    """Reads the classes of one output."""

    output: str
    activation: Activation
    labels: tuple[str, ...]
    """Names of the classes; empty where the model has none."""
    columns: int
    """Scores of an item in the output; ``ANY`` where the graph does not fix it."""

    def read(self, outputs: Tensors, count: int, top_k: int | None = None) -> list[list[ScoredLabel]]:
        """The ``top_k`` best labels of each of ``count`` items (None: all), best first; equal scores in class order.

        Raises:
            argosy_worker.errors.EngineFault: the output is not as declared, or not finite.
        """
        scores = self.scores(outputs, count)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :top_k]
        best = np.take_along_axis(scores, order, axis=1)
        return [
            [ScoredLabel(label=self.name(index), index=index, score=score) for index, score in zip(*row, strict=True)]
            for row in zip(order.tolist(), best.tolist(), strict=True)
        ]

    def scores(self, outputs: Tensors, count: int) -> NDArray[np.float64]:
        """Probabilities of ``count`` items, float64 [items, classes].

        Raises:
            argosy_worker.errors.EngineFault: the output is not as declared, or not finite.
        """
        return self._probabilities(finite_output(outputs, self.output, (count, self.columns)))

    def name(self, index: int) -> str:
        return self.labels[index] if self.labels else str(index)

    def _probabilities(self, scores: NDArray[Any]) -> NDArray[np.float64]:
        """Float64 [items, classes]."""
        values = scores.astype(np.float64)
        if self.activation == "softmax":
            values = np.exp(values - values.max(axis=1, keepdims=True))
            values /= values.sum(axis=1, keepdims=True)
        elif self.activation == "sigmoid":
            values = 0.5 * (1.0 + np.tanh(0.5 * values))  # unlike 1 / (1 + exp(-x)), never overflows
        if values.shape[1] == 1:
            values = np.concatenate([1.0 - values, values], axis=1)
        return values


def prepare_labels(graph: LoadedGraph, key: str, output: str, activation: Activation) -> LabelReader:
    """Checks an output of classes.

    One score for each class, or a single one that is the probability of the second of two classes.

    Args:
        key: Key of ``model.yaml`` that names the output.

    Raises:
        argosy_worker.errors.ModelInvalid: no such output, or it does not fit the labels or the activation.
    """
    columns = output_port(graph, key, output, (ANY,)).extent(0)
    if columns == 1 and activation == "softmax":
        raise invalid(key, f"{output!r} is a single score, of which softmax would always make 1; use sigmoid or none")
    classes = 2 if columns == 1 else columns
    if graph.labels and columns != ANY and len(graph.labels) != classes:
        raise invalid("labels_file", f"has {len(graph.labels)} labels, and the output {output!r} has {classes} classes")
    if graph.labels and columns == ANY:
        columns = len(graph.labels)
    return LabelReader(output, activation, graph.labels, columns)


def label_count(top_k: int) -> int:
    """How many labels a request wants.

    Raises:
        argosy_worker.errors.InvalidInput: TOP_K_NEGATIVE.
    """
    return chosen_top_k(top_k, DEFAULT_TOP_K)
