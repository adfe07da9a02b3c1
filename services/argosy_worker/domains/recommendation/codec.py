# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""One model's items, users and scores, and the best among them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from argosy.recommendation.v1.recommendation_pb2 import Reason, ScoredItem, ScoredUser
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import check_methods, output_port, required
from argosy_worker.domains._shared.outputs import finite_output, not_finite
from argosy_worker.domains.recommendation.catalogue import Items, Users, load_users
from argosy_worker.domains.recommendation.catalogue_file import load_items
from argosy_worker.domains.recommendation.filters import Condition, allowed
from argosy_worker.domains.recommendation.history import Positions
from argosy_worker.domains.recommendation.ranking import best, best_allowed, products
from argosy_worker.domains.recommendation.scoring import DenseScoring, IndexScoring, prepare_scoring
from argosy_worker.engines.port import Tensors
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.schema import ModelConfig

#: A user of at least this cosine similarity behaves as the history does.
SAME_BEHAVIOUR = 1 - 1e-6
#: Shorter vectors than this count as this long.
_LEAST_LENGTH = 1e-12
#: A search reads this many bytes in the time that decoding takes for one.
_SEARCHED_FOR_DECODED = 64

#: Scores of the items at some positions, or of all items [items] for None.
ScoresOf = Callable[[Positions | None], NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Found:
    """Items that were found, best first."""

    positions: Positions
    scores: NDArray[Any]


@dataclass(frozen=True, slots=True)
class RecommendationCodec:
    """One model's way with histories. A new catalogue makes a new codec; calls in progress keep theirs."""

    items: Items
    users: Users
    """Without any where the model knows none."""
    scoring: DenseScoring | IndexScoring
    similar_items: str
    user_scores: str
    """Names of outputs; empty where the model has none."""
    inverse_lengths: NDArray[Any] | None
    """FP32 [items]: one by the length of each vector; None without vectors."""

    @property
    def search_bytes(self) -> int:
        """How much work a search through all items is, as bytes that would take as long to decode."""
        vectors = self.items.vectors
        return (len(self.items.ids) * 8 if vectors is None else vectors.nbytes) // _SEARCHED_FOR_DECODED

    def search(self, scores: ScoresOf, top_k: int, excluded: Positions, conditions: Sequence[Condition]) -> Found:
        """The best items that meet the conditions, in catalogue order where scores are equal; all are compared.

        Raises:
            EngineFault: a score is not finite.
        """
        if not conditions:
            every = _finite(scores(None))
            order = best_allowed(every, top_k, excluded)
            return Found(order, every[order])
        wanted = allowed(conditions, len(self.items.ids))
        wanted[excluded] = False
        positions = np.flatnonzero(wanted)
        some = _finite(scores(positions))
        order = best(some, top_k)
        return Found(positions[order], some[order])

    def popular(self, positions: Positions | None) -> NDArray[Any]:
        """Scores for somebody without history."""
        popularity = self.items.popularity
        if popularity is None:
            raise ValueError("the model declares no popularity")
        return popularity if positions is None else np.asarray(popularity[positions])

    def alike(self, item: int) -> NDArray[Any]:
        """Cosine between an item's vector and each item's, [items]."""
        vectors, inverse = self.items.vectors, self.inverse_lengths
        if vectors is None or inverse is None:
            raise ValueError("the catalogue has no vectors")
        return np.asarray(np.clip(products(vectors, vectors[item] * inverse[item]) * inverse, -1, 1))

    def similar_scores(self, outputs: Tensors) -> NDArray[Any]:
        """The graph's similarities [items] to the only history.

        Raises:
            EngineFault: the output is not as declared, or not finite.
        """
        return np.asarray(finite_output(outputs, self.similar_items, (1, len(self.items.ids)))[0])

    def ranked(self, scores: NDArray[Any], candidates: Positions) -> Found:
        """All candidates with their scores [candidates], best first, in the request's order where scores are equal.

        Raises:
            EngineFault: a score is not finite.
        """
        order = best(_finite(scores), len(candidates))
        return Found(candidates[order], scores[order])

    def best_users(self, outputs: Tensors, top_k: int, user_id: str) -> list[ScoredUser]:
        """The most similar users, best first, in the file's order where scores are equal.

        Without ``user_id``, users whose behaviour equals the history's are left out. Similarity is all that is known
        of behaviour here, so one that differs from the history in scale alone is equal.

        Raises:
            EngineFault: the output is not as declared, or not finite.
        """
        scores: NDArray[Any] = finite_output(outputs, self.user_scores, (1, len(self.users.ids)))[0]
        if user_id:
            known = self.users.index.get(user_id)
            excluded = np.array([] if known is None else [known], np.intp)
        else:
            excluded = np.flatnonzero(scores >= SAME_BEHAVIOUR)
        order = best_allowed(scores, top_k, excluded)
        pairs = zip(order.tolist(), scores[order].tolist(), strict=True)
        return [ScoredUser(user_id=self.users.ids[position], score=score) for position, score in pairs]

    def scored_items(self, found: Found, reasons: Sequence[Found] = ()) -> list[ScoredItem]:
        """Messages of found items, each with its reasons where there are any."""
        ids, names = self.items.ids, self.items.names
        made = [
            ScoredItem(item_id=ids[position], name=names[position], score=score)
            for position, score in zip(found.positions.tolist(), found.scores.tolist(), strict=True)
        ]
        for item, why in zip(made, reasons, strict=False):
            item.reasons.extend(
                Reason(item_id=ids[position], name=names[position], contribution=part)
                for position, part in zip(why.positions.tolist(), why.scores.tolist(), strict=True)
            )
        return made


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
    items = load_items(graph, section)
    scoring = prepare_scoring(graph, section, items)
    users, similar_items, user_scores, inverse_lengths = Users((), {}), "", "", None
    if items.vectors is not None:
        lengths = np.sqrt(np.einsum("nd,nd->n", items.vectors, items.vectors, dtype=np.float64))
        inverse_lengths = (1 / np.maximum(lengths, _LEAST_LENGTH)).astype(np.float32)
    elif "SimilarItems" in methods:
        key = "recommendation.similar_items"
        similar_items = required(section.similar_items, key, "the method SimilarItems")
        output_port(graph, key, similar_items, (len(items.ids),))
    if "SimilarUsers" in methods:
        key = "recommendation.user_scores"
        user_scores = required(section.user_scores, key, "the method SimilarUsers")
        file = required(section.users_file, "recommendation.users_file", "the method SimilarUsers")
        users = load_users(graph, file)
        output_port(graph, key, user_scores, (len(users.ids),))
    return RecommendationCodec(items, users, scoring, similar_items, user_scores, inverse_lengths)


def catalogue_files(config: ModelConfig) -> tuple[str, ...]:
    """The files that may change while a model serves: its catalogue."""
    section = config.recommendation
    return (section.items_file,) if section is not None and config.methods else ()


def _finite(scores: NDArray[Any]) -> NDArray[Any]:
    """The scores, where products of vectors did not overflow."""
    if np.isfinite(scores).all():
        return scores
    raise not_finite("scores of items are not finite")
