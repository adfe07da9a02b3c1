# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""From an output with one score for each class to the labels of a response."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

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
    multi_label: bool = False
    """Whether each score is the probability of its label alone, also where there is only one."""

    def read(self, outputs: Tensors, count: int, top_k: int | None = None) -> list[list[ScoredLabel]]:
        """The ``top_k`` best labels of each of ``count`` items (None: all), best first; equal scores in class order.

        Raises:
            argosy_worker.errors.EngineFault: the output is not as declared, or not finite.
        """
        return best_labels(self.probabilities(outputs, count), self.labels, top_k)

    def probabilities(self, outputs: Tensors, count: int) -> NDArray[np.float64]:
        """The score of every class, float64 [count, classes].

        Raises:
            argosy_worker.errors.EngineFault: the output is not as declared, or not finite.
        """
        values = finite_output(outputs, self.output, (count, self.columns)).astype(np.float64)
        if self.activation == "softmax":
            values = softmax(values)
        elif self.activation == "sigmoid":
            values = 0.5 * (1.0 + np.tanh(0.5 * values))  # unlike 1 / (1 + exp(-x)), never overflows
        if values.shape[1] == 1 and not self.multi_label:
            values = np.concatenate([1.0 - values, values], axis=1)
        return values


def best_labels(scores: NDArray[np.float64], labels: Sequence[str], top_k: int | None) -> list[list[ScoredLabel]]:
    """The ``top_k`` best labels of each item (None: all), best first; equal scores in class order.

    Args:
        scores: float64 [items, classes].
        labels: Names of the classes; empty where they are known by their index.
    """
    order = np.argsort(-scores, axis=1, kind="stable")[:, :top_k]
    best = np.take_along_axis(scores, order, axis=1)
    return [
        [
            ScoredLabel(label=labels[index] if labels else str(index), index=index, score=score)
            for index, score in zip(*row, strict=True)
        ]
        for row in zip(order.tolist(), best.tolist(), strict=True)
    ]


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities along the last axis."""
    values = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(values / values.sum(axis=-1, keepdims=True))


def prepare_labels(
    graph: LoadedGraph, key: str, output: str, activation: Activation, *, multi_label: bool = False
) -> LabelReader:
    """Checks an output of classes.

    One score for each class, or a single one that is the probability of the second of two classes.

    Args:
        key: Key of ``model.yaml`` that names the output.
        multi_label: Whether the classes do not exclude each other; then a single score is that of a single class.

    Raises:
        argosy_worker.errors.ModelInvalid: no such output, or it does not fit the labels or the activation.
    """
    columns = output_port(graph, key, output, (ANY,)).extent(0)
    if columns == 1 and activation == "softmax":
        raise invalid(key, f"{output!r} is a single score, of which softmax would always make 1; use sigmoid or none")
    if multi_label and activation == "softmax":
        raise invalid(key, "labels that do not exclude each other have no softmax; use sigmoid or none")
    classes = 2 if columns == 1 and not multi_label else columns
    if graph.labels and columns != ANY and len(graph.labels) != classes:
        raise invalid("labels_file", f"has {len(graph.labels)} labels, and the output {output!r} has {classes} classes")
    if graph.labels and columns == ANY:
        columns = len(graph.labels)
    return LabelReader(output, activation, graph.labels, columns, multi_label)


def label_count(top_k: int) -> int:
    """How many labels a request wants.

    Raises:
        argosy_worker.errors.InvalidInput: TOP_K_NEGATIVE.
    """
    return chosen_top_k(top_k, DEFAULT_TOP_K)
