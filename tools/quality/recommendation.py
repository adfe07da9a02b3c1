# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Models that recommend."""

from argosy_client import Argosy
from argosy_client.evaluation.figures import ranking

from tools.quality.reading import Figures, Measure, rows

RANKS = 10


def behaviour(argosy: Argosy) -> Figures:
    """For how many users the hidden item is among the best."""
    samples = rows("recommendation/behaviour/heldout.json")
    ranked = [_best(argosy, "behaviour", row["history"]) for row in samples]
    figures = ranking(ranked, [[row["target"]] for row in samples], RANKS)
    return {("hit_rate_at_10", "held-out"): figures["hit_rate_at_10"]}


def two_tower(argosy: Argosy) -> Figures:
    """How many of the hidden items are among the best, and how far up."""
    samples = rows("recommendation/two_tower/heldout.json")
    ranked = [_best(argosy, "two_tower", row["history"]) for row in samples]
    figures = ranking(ranked, [row["targets"] for row in samples], RANKS)
    return {(name, "held-out"): figures[name] for name in ("recall_at_10", "ndcg_at_10")}


def _best(argosy: Argosy, model: str, history: dict[str, float] | list[str]) -> list[str]:
    return [item.item_id for item in argosy.recommendation.recommend(history, model=model, top_k=RANKS)]


MEASURES: dict[str, Measure] = {"behaviour": behaviour, "two_tower": two_tower}
