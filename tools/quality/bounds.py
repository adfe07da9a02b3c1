# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The bounds that measured figures have to meet.

Some were promised when a model was asked for; the others lie a little below what the model reached and guard against
regressions, no more. A figure without a bound still has to be what model.yaml says.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass

from tools.quality.reading import Figure, Figures

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {">=": operator.ge, "<=": operator.le, ">": operator.gt}


@dataclass(frozen=True, slots=True)
class Bound:
    """What a figure is compared with: a number, or a baseline's recorded figure times that number."""

    sign: str
    """``>=``, ``<=`` or ``>``."""
    value: float
    baseline: str = ""

    def limit(self, split: str, recorded: Figures) -> float:
        """The number that the figure is compared with. Raises KeyError where the baseline is not recorded."""
        return self.value * recorded[self.baseline, split] if self.baseline else self.value

    def is_met(self, measured: float, split: str, recorded: Figures) -> bool:
        """Tells whether a measured figure meets the bound; NaN meets none."""
        return _COMPARISONS[self.sign](measured, self.limit(split, recorded))

    def text(self, split: str, recorded: Figures) -> str:
        """The bound for people; ``recall_of_chance`` is called chance."""
        shown = f"{self.sign} {self.limit(split, recorded):.4g}"
        if not self.baseline:
            return shown
        times = "" if self.value == 1 else f"{self.value:g} x "
        return f"{shown} ({times}{self.baseline.rpartition('_of_')[2]})"


def at_least(value: float) -> Bound:
    """No worse than a number, where more is better."""
    return Bound(">=", value)


def at_most(value: float) -> Bound:
    """No worse than a number, where less is better."""
    return Bound("<=", value)


def above(baseline: str, times: float = 1.0) -> Bound:
    """Better than a baseline that model.yaml records for the same split, or so many times as good."""
    return Bound(">", times, baseline)


def at_most_of(baseline: str, times: float) -> Bound:
    """At most a part of a baseline that model.yaml records for the same split."""
    return Bound("<=", times, baseline)


#: By model, and by the figure's name and split.
BOUNDS: dict[str, dict[Figure, tuple[Bound, ...]]] = {
    "nlp/entities": {
        ("span_f1", "held-out"): (at_least(0.9),),
        ("span_f1", "hand-written"): (at_least(0.75),),
    },
    "nlp/relevance": {
        ("ndcg_at_10", "held-out"): (
            at_least(0.85),
            above("ndcg_at_10_of_sentences"),
            above("ndcg_at_10_of_common_words"),
        ),
    },
    "nlp/sentences": {
        ("retrieval_accuracy", "held-out"): (at_least(0.7),),
        ("zero_shot_accuracy", "held-out"): (at_least(0.8),),
    },
    "nlp/topics": {
        ("micro_f1", "held-out"): (
            at_least(0.88),
            above("micro_f1_of_word_list"),
            above("micro_f1_of_logistic_regression"),
        ),
        ("micro_f1", "hand-written"): (at_least(0.75),),
    },
    "recommendation/behaviour": {
        ("hit_rate_at_10", "held-out"): (
            above("hit_rate_at_10_of_popularity"),
            above("hit_rate_at_10_of_chance"),
        ),
    },
    "recommendation/two_tower": {
        ("recall_at_10", "held-out"): (above("recall_at_10_of_popularity", 3),),
        ("ndcg_at_10", "held-out"): (above("ndcg_at_10_of_popularity", 3),),
    },
    "speech/commands": {("accuracy", "held-out"): (at_least(0.95),)},
    "speech/digits_and_commands": {("word_error_rate", "held-out"): (at_most(0.05),)},
    "tabular/anomaly": {("auc", "held-out"): (at_least(0.9), above("auc_of_largest_deviation"))},
    # The card says "32 % less", which is rounded.
    "tabular/diabetes": {("mae", "held-out"): (at_most_of("mae_of_mean_predictor", 0.68),)},
    "tabular/machine_health": {
        ("accuracy", "held-out"): (above("accuracy_of_logistic_regression"), above("accuracy_of_majority")),
    },
    "tabular/mlp": {
        ("accuracy", "held-out"): (
            at_least(0.85),
            above("accuracy_of_naive_bayes"),
            above("accuracy_of_nearest_mean"),
            above("accuracy_of_majority"),
        ),
    },
    "vision/digits": {("accuracy", "held-out"): (at_least(0.97),)},
    "vision/inspection": {("auc", "held-out"): (at_least(0.98),)},
    "vision/scenes": {
        ("map_50", "held-out"): (at_least(0.9),),
        ("mean_iou", "held-out"): (at_least(0.78),),
    },
}

#: What model.yaml records of others, for comparison alone: no served model gives these figures.
BASELINES: dict[str, frozenset[str]] = {
    "nlp/relevance": frozenset({"ndcg_at_10_of_sentences", "ndcg_at_10_of_common_words"}),
    "nlp/topics": frozenset({"micro_f1_of_word_list", "micro_f1_of_logistic_regression"}),
    "recommendation/behaviour": frozenset({"hit_rate_at_10_of_popularity", "hit_rate_at_10_of_chance"}),
    "recommendation/two_tower": frozenset({"recall_at_10_of_popularity", "ndcg_at_10_of_popularity"}),
    "tabular/anomaly": frozenset({"auc_of_largest_deviation"}),
    "tabular/diabetes": frozenset({"mae_of_mean_predictor"}),
    "tabular/machine_health": frozenset({"accuracy_of_majority", "accuracy_of_logistic_regression"}),
    "tabular/mlp": frozenset({"accuracy_of_majority", "accuracy_of_nearest_mean", "accuracy_of_naive_bayes"}),
}
