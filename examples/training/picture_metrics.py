# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How good detections, segmentations and anomaly scores are. NumPy alone, so that tests measure by the same rule."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Found(NamedTuple):
    """Objects in one picture: boxes [objects, 4] (left, upper, right, lower edge), labels and scores [objects]."""

    boxes: Array
    labels: Array
    scores: Array


def overlaps(boxes: Array, others: Array) -> Array:
    """Intersection over union of each box with each other one, [boxes, others]."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    both = np.clip(high - low, 0, None).prod(axis=2)
    areas = [(each[:, 2:] - each[:, :2]).prod(axis=1) for each in (boxes, others)]
    return np.asarray(both / np.maximum(areas[0][:, None] + areas[1][None] - both, 1e-9))


def mean_average_precision(found: Sequence[Found], truth: Sequence[Found], classes: int, least: float = 0.5) -> float:
    """Mean over the classes of the area below precision by recall; a detection is right from an overlap of ``least``.

    A true object is found once: by the best scored detection that overlaps it most among those not found yet. NaN where
    a class has no true object.
    """
    return float(np.mean([_average_precision(found, truth, label, least) for label in range(classes)]))


def _average_precision(found: Sequence[Found], truth: Sequence[Found], label: int, least: float) -> float:
    scores: list[float] = []
    right: list[bool] = []
    wanted = 0
    for one, true in zip(found, truth, strict=True):
        targets = true.boxes[true.labels == label]
        wanted += len(targets)
        mine = one.labels == label
        order = np.argsort(-one.scores[mine], kind="stable")
        table = overlaps(one.boxes[mine][order], targets)
        free = np.ones(len(targets), bool)
        for row, score in zip(table, one.scores[mine][order], strict=True):
            best = int(np.argmax(np.where(free, row, -1))) if len(targets) else -1
            hit = best >= 0 and bool(free[best]) and row[best] >= least
            if hit:
                free[best] = False
            scores.append(float(score))
            right.append(hit)
    if not wanted:
        return float("nan")
    hits = np.cumsum(np.array(right, bool)[np.argsort(-np.array(scores), kind="stable")])
    precision = hits / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    recall = np.concatenate([[0], hits / wanted])
    return float((np.diff(recall) * envelope).sum())


def mean_iou(found: Sequence[Array], truth: Sequence[Array], classes: int) -> float:
    """Mean over the classes of intersection over union, counted over the pixels of all pictures together."""
    table = np.zeros((classes, classes), np.int64)
    for one, true in zip(found, truth, strict=True):
        places = true.astype(np.int64).ravel() * classes + one.ravel()
        table += np.bincount(places, minlength=classes**2).reshape(classes, classes)
    shared = np.diag(table)
    return float(np.mean(shared / (table.sum(axis=0) + table.sum(axis=1) - shared)))


def area_under_roc(scores: Array, positive: Array) -> float:
    """How often a positive sample scores above a negative one; equal scores count half."""
    good, bad = scores[~positive], scores[positive]
    above = (bad[:, None] > good[None]).mean() + 0.5 * (bad[:, None] == good[None]).mean()
    return float(above)
