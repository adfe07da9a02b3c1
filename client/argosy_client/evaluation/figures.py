# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Figures of quality."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

with warnings.catch_warnings():
    # It says so where processes cannot share a lock, and nothing here asks it for several.
    warnings.filterwarnings("ignore", "(?s).*joblib will operate in serial mode", UserWarning)
    from sklearn import metrics

#: Scores from which on an answer counts.
THRESHOLDS = tuple(round(0.05 * step, 2) for step in range(20))


def classification(scores: NDArray[Any], truths: NDArray[np.int64]) -> dict[str, float]:
    """Accuracy, macro-averaged F1, and the area under the ROC curve (one class against the rest, averaged).

    Args:
        scores: [cases, classes].
        truths: Class of each case.
    """
    chosen = scores.argmax(axis=1)
    found = {
        "accuracy": float(metrics.accuracy_score(truths, chosen)),
        "f1_macro": float(metrics.f1_score(truths, chosen, average="macro", zero_division=0)),
    }
    areas = [
        float(metrics.roc_auc_score(truths == index, scores[:, index]))
        for index in range(scores.shape[1])
        if 0 < np.count_nonzero(truths == index) < len(truths)
    ]
    if areas:
        found["auc"] = float(np.mean(areas[1:] if scores.shape[1] == 2 else areas))
    return found


def confusion(scores: NDArray[Any], truths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Cases by true class (rows) and chosen class (columns)."""
    counts: NDArray[np.int64] = metrics.confusion_matrix(
        truths, scores.argmax(axis=1), labels=np.arange(scores.shape[1])
    )
    return counts


def thresholds(scores: NDArray[Any], truths: NDArray[np.int64]) -> list[dict[str, float]]:
    """What follows from a threshold: for two classes precision, recall and F1 of the second; else which part of the
    answers is kept where the best score must reach it, and how many of those are right, as long as any is kept."""
    if scores.shape[1] == 2:
        return [_binary(scores, truths, at) for at in THRESHOLDS]
    return [_kept(scores, truths, at) for at in THRESHOLDS if scores.max() >= at]


def _binary(scores: NDArray[Any], truths: NDArray[np.int64], at: float) -> dict[str, float]:
    chosen = (scores[:, 1] >= at).astype(np.int64)
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        truths, chosen, average="binary", zero_division=0
    )
    return {"threshold": at, "precision": float(precision), "recall": float(recall), "f1": float(f1)}


def _kept(scores: NDArray[Any], truths: NDArray[np.int64], at: float) -> dict[str, float]:
    kept = scores.max(axis=1) >= at
    right = scores.argmax(axis=1) == truths
    return {
        "threshold": at,
        "kept": float(kept.mean()),
        "accuracy": float(right[kept].mean()),
    }


def regression(values: NDArray[Any], truths: NDArray[Any]) -> dict[str, float]:
    """Root of the mean squared error, mean absolute error, and R2."""
    found = {
        "rmse": float(np.sqrt(metrics.mean_squared_error(truths, values))),
        "mae": float(metrics.mean_absolute_error(truths, values)),
    }
    if len(truths) > 1:
        found["r2"] = float(metrics.r2_score(truths, values))
    return found


def ranking(ranked: Sequence[Sequence[str]], wanted: Sequence[Sequence[str]], ranks: int) -> Mapping[str, float]:
    """Hit rate, recall and NDCG of the first ranks, with items that are wanted or not; cases that want none are left
    out of all three."""
    hits, recalls, gains = [], [], []
    discounts = 1 / np.log2(np.arange(2, ranks + 2))
    for found, want in zip(ranked, wanted, strict=True):
        good = set(want)
        if not good:
            continue
        right = np.array([item in good for item in found[:ranks]], np.float64)
        hits.append(float(right.any()))
        recalls.append(float(right.sum()) / len(good))
        gains.append(float(right @ discounts[: len(right)] / discounts[: min(len(good), ranks)].sum()))
    names = (f"hit_rate_at_{ranks}", f"recall_at_{ranks}", f"ndcg_at_{ranks}")
    return {
        name: float(np.mean(part)) if part else 0.0 for name, part in zip(names, (hits, recalls, gains), strict=True)
    }


def word_errors(heard: Sequence[str], said: Sequence[str]) -> dict[str, float]:
    """Word error rate: substitutions, deletions and insertions of all cases over the words that were said. Case and
    punctuation at the ends of words do not count."""
    wrong = words = 0
    for left, right in zip(heard, said, strict=True):
        one, other = _words(left), _words(right)
        wrong += _edits(one, other)
        words += len(other)
    exact = [_words(left) == _words(right) for left, right in zip(heard, said, strict=True)]
    return {"wer": wrong / words if words else float(wrong > 0), "exact": float(np.mean(exact))}


def _words(text: str) -> list[str]:
    return [word for word in (part.strip(".,;:!?\"'()") for part in text.lower().split()) if word]


def _edits(one: Sequence[str], other: Sequence[str]) -> int:
    """Levenshtein distance between two lists of words."""
    above = list(range(len(other) + 1))
    for row, word in enumerate(one, 1):
        line = [row]
        for column, wanted in enumerate(other, 1):
            line.append(min(above[column] + 1, line[-1] + 1, above[column - 1] + (word != wanted)))
        above = line
    return above[-1]
