# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Models that see."""

from typing import Any

import numpy as np
from argosy_client import Argosy

from examples.training.picture_metrics import Found, area_under_roc, mean_average_precision, mean_iou
from tools.quality.reading import Figures, Measure, arrays, files, in_parts, share

#: Detections count from this score on, low enough for a whole curve of precision and recall.
MIN_SCORE = 0.02
SCENE_CLASSES, SURFACE_CLASSES = 13, 5
#: Pixels of an inspection's picture on each side of a cell of its heatmap.
CELL = 4


def digits(argosy: Argosy) -> Figures:
    """Accuracy, and how well two pictures of one digit are told from two of different ones."""
    held_out = arrays("vision/digits/heldout.npz")
    pictures, labels = list(held_out["images"]), held_out["labels"]
    results = in_parts(pictures, 120, lambda part: argosy.vision.classify(part, model="digits"))
    right = [result.best.index == label for result, label in zip(results, labels, strict=True)]
    # The threshold was chosen on the other half.
    pictures, labels = pictures[1::2], labels[1::2]
    vectors = argosy.vision.embed(pictures, model="digits").vectors
    threshold = argosy.vision.compare(pictures[0], pictures[1], model="digits").threshold
    first, second = np.triu_indices(len(labels), 1)
    taken = (vectors @ vectors.T)[first, second] >= threshold
    same = labels[first] == labels[second]
    return {
        ("accuracy", "held-out"): share(right),
        ("compare_balanced_accuracy", "held-out"): (share(taken[same]) + share(~taken[~same])) / 2,
    }


def scenes(argosy: Argosy) -> Figures:
    """How well objects are found, and pixels told apart."""
    held_out = arrays("vision/scenes/heldout.npz")
    pictures, owner = files(held_out), held_out["scenes"]
    detections = argosy.vision.detect(pictures, model="scenes", min_score=MIN_SCORE)
    mine = [owner == place for place in range(len(pictures))]
    truth = [Found(held_out["boxes"][those], held_out["labels"][those], np.ones(those.sum())) for those in mine]
    masks = [result.mask for result in argosy.vision.segment(pictures, model="scenes")]
    surfaces = np.split(held_out["surfaces"], np.cumsum([mask.size for mask in masks])[:-1])
    true_masks = [part.reshape(mask.shape) for part, mask in zip(surfaces, masks, strict=True)]
    found = [_found(result) for result in detections]
    return {
        ("map_50", "held-out"): mean_average_precision(found, truth, SCENE_CLASSES),
        ("mean_iou", "held-out"): mean_iou(masks, true_masks, SURFACE_CLASSES),
    }


def _found(result: Any) -> Found:
    boxes = [[one.box.x_min, one.box.y_min, one.box.x_max, one.box.y_max] for one in result]
    labels = [one.label.index for one in result]
    return Found(np.array(boxes).reshape(-1, 4), np.array(labels, int), np.array([one.label.score for one in result]))


def inspection(argosy: Argosy) -> Figures:
    """How well damaged surfaces are told from faultless ones, and whether the damage is pointed at."""
    held_out = arrays("vision/inspection/heldout.npz")
    damaged = held_out["defects"] >= 0
    results = argosy.vision.inspect(files(held_out), model="inspection")
    verdicts = np.array([result.defective for result in results])
    pointed = []
    for result, mask in zip(results, held_out["masks"], strict=True):
        row, column = np.unravel_index(result.heatmap.argmax(), result.heatmap.shape)
        pointed.append(mask[CELL * row : CELL * (row + 1), CELL * column : CELL * (column + 1)].any())
    return {
        ("auc", "held-out"): area_under_roc(np.array([result.score for result in results]), damaged),
        ("recall", "held-out"): share(verdicts[damaged]),
        ("false_alarms", "held-out"): share(verdicts[~damaged]),
        ("pointing", "held-out"): share(np.array(pointed)[damaged]),
    }


MEASURES: dict[str, Measure] = {"digits": digits, "inspection": inspection, "scenes": scenes}
