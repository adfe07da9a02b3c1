# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Served through the gateway, every model is as good on its held-out samples as its model.yaml says."""

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import yaml
from argosy_client import Argosy

from tests.support.fleet import MODELS

#: Rounding of the recorded figures.
RECORDED = 5e-5


def recorded(model: str) -> dict[tuple[str, str], float]:
    """The figures of a model by name and split."""
    configuration = yaml.safe_load((MODELS / model / "model.yaml").read_text())
    return {(each["name"], each["split"]): each["value"] for each in configuration["metrics"]}


def read(path: str) -> list[dict[str, Any]]:
    """Held-out samples in JSON."""
    rows: list[dict[str, Any]] = json.loads((MODELS / path).read_text())
    return rows


def test_digits_are_read_as_well_as_recorded(argosy: Argosy) -> None:
    with np.load(MODELS / "vision/digits/heldout.npz") as held_out:
        pictures, labels = list(held_out["images"]), held_out["labels"]
    results = [result for n in range(0, len(pictures), 120) for result in argosy.vision.classify(pictures[n : n + 120])]
    right = [result.best.index == label for result, label in zip(results, labels, strict=True)]
    assert np.mean(right) == pytest.approx(recorded("vision/digits")["accuracy", "held-out"], abs=RECORDED)


def test_commands_are_recognised_as_well_as_recorded(argosy: Argosy) -> None:
    with np.load(MODELS / "speech/commands/heldout.npz") as held_out:
        data, offsets, labels = held_out["data"], held_out["offsets"], held_out["labels"]
    clips = [data[start:end].tobytes() for start, end in pairwise(offsets)]
    right = [argosy.speech.classify(clip).best.index == label for clip, label in zip(clips, labels, strict=True)]
    assert np.mean(right) == pytest.approx(recorded("speech/commands")["accuracy", "held-out"], abs=RECORDED)


@pytest.mark.parametrize(("file", "split"), [("heldout.json", "held-out"), ("handwritten.json", "hand-written")])
def test_sentiment_is_told_as_well_as_recorded(argosy: Argosy, file: str, split: str) -> None:
    rows = read(f"nlp/sentiment/{file}")
    texts = [row["text"] for row in rows]
    results = [result for n in range(0, len(texts), 200) for result in argosy.nlp.classify(texts[n : n + 200])]
    right = [result.best.label == row["label"] for result, row in zip(results, rows, strict=True)]
    assert np.mean(right) == pytest.approx(recorded("nlp/sentiment")["accuracy", split], abs=RECORDED)


def test_hidden_items_are_recommended_as_often_as_recorded(argosy: Argosy) -> None:
    hits = []
    for row in read("recommendation/behaviour/heldout.json"):
        found = argosy.recommendation.recommend(row["history"], top_k=10)
        assert not {item.item_id for item in found.items} & set(row["history"])
        hits.append(row["target"] in {item.item_id for item in found.items})
    expected = recorded("recommendation/behaviour")["hit_rate_at_10", "held-out"]
    assert np.mean(hits) == pytest.approx(expected, abs=RECORDED)


def test_hidden_items_of_the_market_are_found_as_well_as_recorded(argosy: Argosy) -> None:
    recalls, gains = [], []
    discounts = 1 / np.log2(np.arange(2, 12))
    for row in read("recommendation/two_tower/heldout.json"):
        found = argosy.recommendation.recommend(row["history"], model="two_tower", top_k=10)
        hits = np.array([item.item_id in row["targets"] for item in found.items])
        recalls.append(hits.sum() / len(row["targets"]))
        gains.append(hits @ discounts / discounts[: len(row["targets"])].sum())
    figures = recorded("recommendation/two_tower")
    assert np.mean(recalls) == pytest.approx(figures["recall_at_10", "held-out"], abs=RECORDED)
    assert np.mean(gains) == pytest.approx(figures["ndcg_at_10", "held-out"], abs=RECORDED)
    assert np.mean(recalls) > 3 * figures["recall_at_10_of_popularity", "held-out"]


def test_progression_is_predicted_as_well_as_recorded(argosy: Argosy) -> None:
    rows = read("tabular/diabetes/heldout.json")
    results = argosy.tabular.predict([row["features"] for row in rows])
    targets = np.array([row["target"] for row in rows])
    errors = np.array([result.values[0] for result in results]) - targets
    figures = recorded("tabular/diabetes")
    assert np.abs(errors).mean() == pytest.approx(figures["mae", "held-out"], abs=RECORDED)
    r2 = 1 - np.square(errors).sum() / np.square(targets - targets.mean()).sum()
    assert r2 == pytest.approx(figures["r2", "held-out"], abs=RECORDED)
