# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How items are scored for a history: by the graph alone, or by a user's vector against an index of items."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import (
    ANY,
    FLOATS,
    Port,
    check_no_other_inputs,
    input_port,
    invalid,
    output_port,
    required,
)
from argosy_worker.domains._shared.outputs import finite_output
from argosy_worker.domains.recommendation.catalogue import Items
from argosy_worker.domains.recommendation.history import Positions
from argosy_worker.domains.recommendation.ranking import products
from argosy_worker.engines.port import Tensors
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.sections.recommendation import ItemIndex, RecommendationSection

#: Rows fewer than this part of all are gathered before they are multiplied; more of them are cheaper where they lie.
_FEW = 1 / 8


class Scoring(Protocol):
    """One model's way from histories to scores."""

    @property
    def most(self) -> float:
        """Largest weight that the graph's input holds."""
        ...

    def inputs(self, positions: Positions, weights: NDArray[np.float64]) -> Tensors:
        """Inputs of the graph for histories of the same items [n] with weights [histories, n], 0 for none."""
        ...

    def rows(self, outputs: Tensors, count: int) -> NDArray[Any]:
        """What the graph made of ``count`` histories, one row each.

        Raises:
            argosy_worker.errors.EngineFault: the output is not as declared, or not finite.
        """
        ...

    def scores(self, row: NDArray[Any], positions: Positions | None = None) -> NDArray[Any]:
        """Scores of the items at these positions for one row; of all items [items] without positions."""
        ...

    def table(self, rows: NDArray[Any], positions: Positions) -> NDArray[Any]:
        """Scores [rows, positions] of the items at these positions for each row."""
        ...


@dataclass(frozen=True, slots=True)
class DenseScoring:
    """The graph takes a weight for each item and scores each item."""

    port: Port
    output: str
    items: int

    @property
    def most(self) -> float:
        """See the protocol."""
        return float(np.finfo(self.port.dtype).max)

    def inputs(self, positions: Positions, weights: NDArray[np.float64]) -> Tensors:
        """See the protocol."""
        vectors = np.zeros((len(weights), self.items), self.port.dtype)
        vectors[:, positions] = weights
        return {self.port.name: vectors}

    def rows(self, outputs: Tensors, count: int) -> NDArray[Any]:
        """See the protocol."""
        return finite_output(outputs, self.output, (count, self.items))

    def scores(self, row: NDArray[Any], positions: Positions | None = None) -> NDArray[Any]:
        """See the protocol."""
        return row if positions is None else np.asarray(row[positions])

    def table(self, rows: NDArray[Any], positions: Positions) -> NDArray[Any]:
        """See the protocol."""
        return np.asarray(rows[:, positions])


@dataclass(frozen=True, slots=True)
class IndexScoring:
    """The graph takes the vectors of a history's items and makes one of the user; items are compared with that."""

    history: Port
    weights: Port
    output: str
    vectors: NDArray[Any]
    """FP32 [items, dimensions]."""

    @property
    def most(self) -> float:
        """See the protocol."""
        return float(np.finfo(self.weights.dtype).max)

    def inputs(self, positions: Positions, weights: NDArray[np.float64]) -> Tensors:
        """See the protocol."""
        met = self.vectors[positions].astype(self.history.dtype, copy=False)
        return {
            self.history.name: np.repeat(met[None], len(weights), axis=0),
            self.weights.name: weights.astype(self.weights.dtype),
        }

    def rows(self, outputs: Tensors, count: int) -> NDArray[Any]:
        """See the protocol."""
        return finite_output(outputs, self.output, (count, self.vectors.shape[1]))

    def scores(self, row: NDArray[Any], positions: Positions | None = None) -> NDArray[Any]:
        """See the protocol: exact products with all vectors."""
        user = row.astype(np.float32, copy=False)
        if positions is None:
            return products(self.vectors, user)
        if len(positions) < _FEW * len(self.vectors):
            return products(self.vectors[positions], user)
        return np.asarray(products(self.vectors, user)[positions])

    def table(self, rows: NDArray[Any], positions: Positions) -> NDArray[Any]:
        """See the protocol."""
        return np.asarray(np.einsum("rd,pd->rp", rows.astype(np.float32, copy=False), self.vectors[positions]))


def prepare_scoring(graph: LoadedGraph, section: RecommendationSection, items: Items) -> DenseScoring | IndexScoring:
    """Checks the graph against section and catalogue.

    Raises:
        argosy_worker.errors.ModelInvalid: they do not fit.
    """
    if section.index is not None and items.vectors is not None:
        return _prepare_index(graph, section.index, items.vectors)
    count = len(items.ids)
    name = required(section.input, "recommendation.input", "a model without index")
    output = required(section.item_scores, "recommendation.item_scores", "a model without index")
    port = input_port(graph, "recommendation.input", name, (count,), FLOATS)
    check_no_other_inputs(graph, "recommendation", [name])
    output_port(graph, "recommendation.item_scores", output, (count,))
    return DenseScoring(port, output, count)


def _prepare_index(graph: LoadedGraph, index: ItemIndex, vectors: NDArray[Any]) -> IndexScoring:
    key, dimensions = "recommendation.index", vectors.shape[1]
    history = input_port(graph, f"{key}.history", index.history, (ANY, dimensions), FLOATS)
    weights = input_port(graph, f"{key}.weights", index.weights, (ANY,), FLOATS)
    check_no_other_inputs(graph, key, [index.history, index.weights])
    output_port(graph, f"{key}.user_vector", index.user_vector, (dimensions,))
    if history.extent(0) != ANY or weights.extent(0) != ANY:
        raise invalid(key, "histories have any length: export the graph with a variable second dimension")
    return IndexScoring(history, weights, index.user_vector, vectors)
