# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Histories to the graph's input, scores to items and users."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from argosy.recommendation.v1.recommendation_pb2 import Interaction, ScoredItem, ScoredUser
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import (
    FLOATS,
    Port,
    check_methods,
    check_no_other_inputs,
    input_port,
    output_port,
    required,
)
from argosy_worker.domains._shared.limits import check_count
from argosy_worker.domains._shared.outputs import finite_output
from argosy_worker.domains.recommendation.catalogue import Items, Users, load_items, load_users
from argosy_worker.domains.recommendation.ranking import best, best_allowed
from argosy_worker.engines.port import Tensors
from argosy_worker.errors import InvalidInput
from argosy_worker.lifecycle.domain import LoadedGraph

#: Most interactions of a history, and most ids in each list of a request.
MAX_IDS = 10_000
#: Squares of weights outside this are lost in FP32, and with them every similarity.
LEAST_WEIGHT, MOST_WEIGHT = 1e-6, 1e6
#: A user of at least this cosine similarity behaves as the history does.
SAME_BEHAVIOUR = 1 - 1e-6

Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class RecommendationCodec:
    """One model's way with histories."""

    port: Port
    items: Items
    users: Users
    """Without any where the model knows none."""
    item_scores: str
    similar_items: str
    user_scores: str
    """Names of outputs; empty where the model has none."""

    def history(self, history: Sequence[Interaction]) -> tuple[NDArray[Any], Positions]:
        """A history as the graph's input, [1, items], and the positions of its items.

        Raises:
            InvalidInput: NO_ITEMS, TOO_MANY_ITEMS, ITEM_UNKNOWN, WEIGHT_NOT_POSITIVE, VALUE_NOT_FINITE or
                VALUE_OUT_OF_RANGE.
        """
        check_count(len(history), MAX_IDS, "history")
        entries = [
            (self.items.find(entry.item_id, f"history[{index}].item_id"), _weight(entry, index))
            for index, entry in enumerate(history)
        ]
        positions, inverse = np.unique(np.array([position for position, _ in entries], np.intp), return_inverse=True)
        sums = np.asarray(np.bincount(inverse, np.array([weight for _, weight in entries])), np.float64)
        if sums.max() > np.finfo(self.port.dtype).max:
            raise InvalidInput(
                f"history: the weights of an item add up to {sums.max():g}, more than the model's input holds",
                reason="VALUE_OUT_OF_RANGE",
            )
        return self._vector(positions, sums), positions

    def one_item(self, item_id: str) -> tuple[NDArray[Any], Positions]:
        """The history of one item, [1, items], and its position.

        Raises:
            InvalidInput: ITEM_UNKNOWN.
        """
        positions = np.array([self.items.find(item_id, "item_id")], np.intp)
        return self._vector(positions, np.ones(1)), positions

    def positions(self, item_ids: Sequence[str], field: str) -> Positions:
        """Positions of items; at most ``MAX_IDS``, none at all is fine.

        Raises:
            InvalidInput: TOO_MANY_ITEMS or ITEM_UNKNOWN.
        """
        if item_ids:
            check_count(len(item_ids), MAX_IDS, field)
        found = (self.items.find(item_id, f"{field}[{index}]") for index, item_id in enumerate(item_ids))
        return np.fromiter(found, np.intp, len(item_ids))

    def candidates(self, item_ids: Sequence[str]) -> Positions:
        """Positions of the items to rank.

        Raises:
            InvalidInput: NO_ITEMS, TOO_MANY_ITEMS, ITEM_UNKNOWN or ITEM_REPEATED.
        """
        field = "candidate_item_ids"
        check_count(len(item_ids), MAX_IDS, field)
        positions = self.positions(item_ids, field)
        order = np.argsort(positions, kind="stable")
        repeated = order[1:][np.diff(positions[order]) == 0]
        if len(repeated):
            index = int(repeated.min())
            raise InvalidInput(
                f"{field}[{index}]: {item_ids[index]!r} is named twice",
                reason="ITEM_REPEATED",
                metadata={"index": str(index), "item_id": item_ids[index]},
            )
        return positions

    def best_items(self, outputs: Tensors, output: str, top_k: int, excluded: Positions) -> list[ScoredItem]:
        """The best items of an output, best first, in catalogue order where scores are equal.

        Raises:
            argosy_worker.errors.EngineFault: the output is not as declared, or not finite.
        """
        scores = self._scores(outputs, output, len(self.items.ids))
        return self._scored_items(scores, best_allowed(scores, top_k, excluded))

    def ranked_items(self, outputs: Tensors, candidates: Positions) -> list[ScoredItem]:
        """All candidates, best first, in the request's order where scores are equal.

        Raises:
            argosy_worker.errors.EngineFault: the output is not as declared, or not finite.
        """
        scores = self._scores(outputs, self.item_scores, len(self.items.ids))
        return self._scored_items(scores, candidates[best(scores[candidates], len(candidates))])

    def best_users(self, outputs: Tensors, top_k: int, user_id: str) -> list[ScoredUser]:
        """The most similar users, best first, in the file's order where scores are equal.

        Without ``user_id``, users whose behaviour equals the history's are left out. Similarity is all that is known
        of behaviour here, so one that differs from the history in scale alone is equal.

        Raises:
            argosy_worker.errors.EngineFault: the output is not as declared, or not finite.
        """
        scores = self._scores(outputs, self.user_scores, len(self.users.ids))
        if user_id:
            known = self.users.index.get(user_id)
            excluded = np.array([] if known is None else [known], np.intp)
        else:
            excluded = np.flatnonzero(scores >= SAME_BEHAVIOUR)
        order = best_allowed(scores, top_k, excluded)
        pairs = zip(order.tolist(), scores[order].tolist(), strict=True)
        return [ScoredUser(user_id=self.users.ids[position], score=score) for position, score in pairs]

    def _vector(self, positions: Positions, weights: NDArray[np.float64]) -> NDArray[Any]:
        vector = np.zeros((1, len(self.items.ids)), self.port.dtype)
        vector[0, positions] = weights
        return vector

    def _scores(self, outputs: Tensors, output: str, count: int) -> NDArray[Any]:
        """Scores [count] of the only history."""
        scores: NDArray[Any] = finite_output(outputs, output, (1, count))[0]
        return scores

    def _scored_items(self, scores: NDArray[Any], order: Positions) -> list[ScoredItem]:
        ids, names = self.items.ids, self.items.names
        return [
            ScoredItem(item_id=ids[position], name=names[position], score=score)
            for position, score in zip(order.tolist(), scores[order].tolist(), strict=True)
        ]


def prepare(graph: LoadedGraph) -> RecommendationCodec | None:
    """The codec of a model; None for a model without methods.

    Raises:
        argosy_worker.errors.ModelInvalid: configuration, catalogue and graph do not fit.
    """
    check_methods(graph, "recommendation")
    methods = graph.config.methods
    if not methods:
        return None
    section = required(graph.config.recommendation, "recommendation", ", ".join(methods))
    items = load_items(graph, section.items_file)
    port = input_port(graph, "recommendation.input", section.input, (len(items.ids),), FLOATS)
    check_no_other_inputs(graph, "recommendation", [section.input])
    output_port(graph, "recommendation.item_scores", section.item_scores, (len(items.ids),))
    users, similar_items, user_scores = Users((), {}), "", ""
    if "SimilarItems" in methods:
        key = "recommendation.similar_items"
        similar_items = required(section.similar_items, key, "the method SimilarItems")
        output_port(graph, key, similar_items, (len(items.ids),))
    if "SimilarUsers" in methods:
        key = "recommendation.user_scores"
        user_scores = required(section.user_scores, key, "the method SimilarUsers")
        file = required(section.users_file, "recommendation.users_file", "the method SimilarUsers")
        users = load_users(graph, file)
        output_port(graph, key, user_scores, (len(users.ids),))
    return RecommendationCodec(port, items, users, section.item_scores, similar_items, user_scores)


def _weight(entry: Interaction, index: int) -> float:
    if not entry.HasField("weight"):
        return 1.0
    weight = entry.weight
    if not 0 < weight < math.inf:
        reason = "WEIGHT_NOT_POSITIVE" if weight <= 0 else "VALUE_NOT_FINITE"
        raise InvalidInput(
            f"history[{index}].weight is {weight:g}; it must be finite and more than 0",
            reason=reason,
            metadata={"index": str(index)},
        )
    if not LEAST_WEIGHT <= weight <= MOST_WEIGHT:
        raise InvalidInput(
            f"history[{index}].weight is {weight:g}; it must be from {LEAST_WEIGHT:g} to {MOST_WEIGHT:g}",
            reason="VALUE_OUT_OF_RANGE",
            metadata={"index": str(index)},
        )
    return weight
