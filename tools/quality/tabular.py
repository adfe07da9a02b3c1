# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Models of rows and of readings."""

import numpy as np
from argosy_client import Argosy, TabularResult
from argosy_client.evaluation.figures import regression
from numpy.typing import NDArray

from examples.training.picture_metrics import area_under_roc
from tools.quality.reading import Figures, Measure, arrays, configuration, in_parts, rows, share

ROWS = 200


def diabetes(argosy: Argosy) -> Figures:
    """Mean absolute error, and R2."""
    samples = rows("tabular/diabetes/heldout.json")
    results = argosy.tabular.predict([row["features"] for row in samples], model="diabetes")
    values = np.array([result.values[0] for result in results])
    figures = regression(values, np.array([row["target"] for row in samples]))
    return {(name, "held-out"): figures[name] for name in ("mae", "r2")}


def mlp(argosy: Argosy) -> Figures:
    """Accuracy."""
    features = configuration("tabular/mlp")["tabular"]["features"]
    words = {feature["name"]: place for place, feature in enumerate(features)}
    texts = rows("tabular/mlp/heldout.json")
    counts = np.zeros((len(texts), len(words)), np.float32)
    for row, text in enumerate(texts):
        for word in text["text"].split():
            counts[row, words[word]] += 1
    results = in_parts(counts, ROWS, lambda part: argosy.tabular.predict(part, model="mlp"))
    right = [result.classes[0].label == text["label"] for result, text in zip(results, texts, strict=True)]
    return {("accuracy", "held-out"): share(right)}


def machine_health(argosy: Argosy) -> Figures:
    """Accuracy."""
    results, labels = _windows(argosy, "machine_health")
    right = [result.classes[0].index == label for result, label in zip(results, labels, strict=True)]
    return {("accuracy", "held-out"): share(right)}


def anomaly(argosy: Argosy) -> Figures:
    """How well faulty machines are told from healthy ones, by the score and at the threshold."""
    results, labels = _windows(argosy, "anomaly")
    verdicts = [result.anomaly for result in results if result.anomaly is not None]
    alarms, faulty = np.array([verdict.anomalous for verdict in verdicts]), labels > 0
    return {
        ("auc", "held-out"): area_under_roc(np.array([verdict.score for verdict in verdicts]), faulty),
        ("false_alarm_rate", "held-out"): share(alarms[~faulty]),
        ("detection_rate", "held-out"): share(alarms[faulty]),
    }


def _windows(argosy: Argosy, model: str) -> tuple[list[TabularResult], NDArray[np.int64]]:
    """What a model of the sensors says of each held-out window, and what is wrong with its machine."""
    held_out = arrays(f"tabular/{model}/heldout.npz")
    results = in_parts(held_out["windows"], ROWS, lambda part: argosy.tabular.predict(part, model=model))
    return list(results), held_out["labels"]


MEASURES: dict[str, Measure] = {"anomaly": anomaly, "diabetes": diabetes, "machine_health": machine_health, "mlp": mlp}
