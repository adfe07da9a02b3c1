# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Served through the gateway, every model is as good on its held-out samples as its model.yaml says."""

import io
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import soundfile
import yaml
from argosy_client import Argosy, TabularResult
from numpy.typing import NDArray

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


def test_equal_digits_are_told_from_different_ones_as_well_as_recorded(argosy: Argosy) -> None:
    with np.load(MODELS / "vision/digits/heldout.npz") as held_out:
        pictures, labels = list(held_out["images"][1::2]), held_out["labels"][1::2]
    vectors = argosy.vision.embed(pictures).vectors
    threshold = argosy.vision.compare(pictures[0], pictures[1]).threshold
    first, second = np.triu_indices(len(labels), 1)
    taken = (vectors @ vectors.T)[first, second] >= threshold
    same = labels[first] == labels[second]
    expected = recorded("vision/digits")["compare_balanced_accuracy", "held-out"]
    assert (taken[same].mean() + (~taken[~same]).mean()) / 2 == pytest.approx(expected, abs=RECORDED)


def files(held_out: Any) -> list[bytes]:
    """Encoded files that are stored one after the other."""
    return [held_out["data"][start:end].tobytes() for start, end in pairwise(held_out["offsets"])]


def test_scenes_are_understood_as_well_as_recorded(argosy: Argosy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(MODELS.parent / "examples/training"), *sys.path])
    from picture_metrics import Found, mean_average_precision, mean_iou

    with np.load(MODELS / "vision/scenes/heldout.npz") as held_out:
        scenes, owner = files(held_out), held_out["scenes"]
        boxes, labels, surfaces = held_out["boxes"], held_out["labels"], held_out["surfaces"]
    detections = argosy.vision.detect(scenes, min_score=0.02)
    found = [
        Found(
            np.array([[one.box.x_min, one.box.y_min, one.box.x_max, one.box.y_max] for one in result]).reshape(-1, 4),
            np.array([one.label.index for one in result], int),
            np.array([one.label.score for one in result]),
        )
        for result in detections
    ]
    mine = [owner == place for place in range(len(scenes))]
    truth = [Found(boxes[those], labels[those], np.ones(those.sum())) for those in mine]
    figures = recorded("vision/scenes")
    assert mean_average_precision(found, truth, 13) == pytest.approx(figures["map_50", "held-out"], abs=RECORDED)
    masks = [result.mask for result in argosy.vision.segment(scenes)]
    ends = np.cumsum([mask.size for mask in masks])
    true_masks = [part.reshape(mask.shape) for part, mask in zip(np.split(surfaces, ends[:-1]), masks, strict=True)]
    assert mean_iou(masks, true_masks, 5) == pytest.approx(figures["mean_iou", "held-out"], abs=RECORDED)


def test_surfaces_are_inspected_as_well_as_recorded(argosy: Argosy) -> None:
    with np.load(MODELS / "vision/inspection/heldout.npz") as held_out:
        surfaces, damaged = files(held_out), held_out["defects"] >= 0
        masks = held_out["masks"]
    results = argosy.vision.inspect(surfaces)
    scores, verdicts = (np.array([getattr(one, name) for one in results]) for name in ("score", "defective"))
    figures = recorded("vision/inspection")
    above = (scores[damaged][:, None] > scores[~damaged]).mean()
    assert above == pytest.approx(figures["auc", "held-out"], abs=RECORDED)
    assert verdicts[damaged].mean() == pytest.approx(figures["recall", "held-out"], abs=RECORDED)
    assert verdicts[~damaged].mean() == pytest.approx(figures["false_alarms", "held-out"], abs=RECORDED)
    pointed = []
    for result, mask in zip(results, masks, strict=True):
        row, column = np.unravel_index(result.heatmap.argmax(), result.heatmap.shape)
        pointed.append(mask[4 * row : 4 * row + 4, 4 * column : 4 * column + 4].any())
    assert np.mean(np.array(pointed)[damaged]) == pytest.approx(figures["pointing", "held-out"], abs=RECORDED)


def test_commands_are_recognised_as_well_as_recorded(argosy: Argosy) -> None:
    with np.load(MODELS / "speech/commands/heldout.npz") as held_out:
        clips, labels = files(held_out), held_out["labels"]
    right = [argosy.speech.classify(clip).best.index == label for clip, label in zip(clips, labels, strict=True)]
    assert np.mean(right) == pytest.approx(recorded("speech/commands")["accuracy", "held-out"], abs=RECORDED)


def spoken_words() -> tuple[list[NDArray[np.float32]], list[list[str]]]:
    """Held-out clips of digits and commands, float32 at 16 kHz, and their words."""
    with np.load(MODELS / "speech/digits_and_commands/heldout.npz") as held_out:
        data, offsets, texts = held_out["data"], held_out["offsets"], held_out["texts"]
    clips = [
        soundfile.read(io.BytesIO(data[start:end].tobytes()), dtype="float32")[0] for start, end in pairwise(offsets)
    ]
    return clips, [str(text).split() for text in texts]


def in_noise(clip: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """The clip in white noise, 10 dB below the power of its louder samples."""
    loud = clip[np.abs(clip) > 0.02 * np.abs(clip).max()]
    level = np.sqrt(np.mean(loud.astype(np.float64) ** 2)) * 10 ** (-10 / 20)
    return (clip + level * np.random.default_rng(seed).standard_normal(len(clip))).astype(np.float32)


def wrong_words(said: list[str], heard: list[str]) -> int:
    """Words to put in, take out or replace."""
    table = np.zeros((len(said) + 1, len(heard) + 1), int)
    table[:, 0], table[0] = range(len(said) + 1), range(len(heard) + 1)
    for row, column in np.ndindex(len(said), len(heard)):
        changed = table[row, column] + (said[row] != heard[column])
        table[row + 1, column + 1] = min(table[row, column + 1] + 1, table[row + 1, column] + 1, changed)
    return int(table[-1, -1])


@pytest.mark.parametrize(
    ("split", "noisy", "beam_width"),
    [("held-out", False, 0), ("held-out, 10 dB SNR", True, 0), ("held-out, greedy", False, 1)],
)
def test_connected_words_are_recognised_as_well_as_recorded(
    argosy: Argosy, split: str, noisy: bool, beam_width: int
) -> None:
    clips, texts = spoken_words()
    with ThreadPoolExecutor(4) as pool:
        sent = [in_noise(clip, seed) if noisy else clip for seed, clip in enumerate(clips)]
        found = pool.map(lambda clip: argosy.speech.recognize((clip, 16_000), beam_width=beam_width).text.split(), sent)
        wrong = sum(wrong_words(said, heard) for said, heard in zip(texts, found, strict=True))
    expected = recorded("speech/digits_and_commands")["word_error_rate", split]
    assert wrong / sum(map(len, texts)) == pytest.approx(expected, abs=RECORDED)


@pytest.mark.parametrize(("file", "split"), [("heldout.json", "held-out"), ("handwritten.json", "hand-written")])
def test_sentiment_is_told_as_well_as_recorded(argosy: Argosy, file: str, split: str) -> None:
    rows = read(f"nlp/sentiment/{file}")
    texts = [row["text"] for row in rows]
    results = [result for n in range(0, len(texts), 200) for result in argosy.nlp.classify(texts[n : n + 200])]
    right = [result.best.label == row["label"] for result, row in zip(results, rows, strict=True)]
    assert np.mean(right) == pytest.approx(recorded("nlp/sentiment")["accuracy", split], abs=RECORDED)


@pytest.mark.parametrize(("file", "split"), [("heldout.json", "held-out"), ("handwritten.json", "hand-written")])
def test_entities_are_found_as_well_as_recorded(argosy: Argosy, file: str, split: str) -> None:
    rows = read(f"nlp/entities/{file}")
    texts = [row["text"] for row in rows]
    results = [result for n in range(0, len(texts), 200) for result in argosy.nlp.classify_tokens(texts[n : n + 200])]
    found = {
        (number, each.label.label, each.span.character_start, each.span.character_end)
        for number, result in enumerate(results)
        for each in result
    }
    wanted = {
        (number, each["kind"], each["start"], each["end"])
        for number, row in enumerate(rows)
        for each in row["entities"]
    }
    f1 = 2 * len(found & wanted) / (len(found) + len(wanted))
    assert f1 == pytest.approx(recorded("nlp/entities")["span_f1", split], abs=RECORDED)


def test_sentences_of_one_meaning_are_found_as_often_as_recorded(argosy: Argosy) -> None:
    rows = read("nlp/sentences/heldout.json")
    documents = [row["document"] for row in rows]
    first = [argosy.nlp.rerank(row["query"], documents, top_k=1).documents[0].index for row in rows]
    figures = recorded("nlp/sentences")
    share = np.mean([index == number for number, index in enumerate(first)])
    assert share == pytest.approx(figures["retrieval_accuracy", "held-out"], abs=RECORDED)
    topics = list(dict.fromkeys(row["topic"] for row in rows))
    results = argosy.nlp.classify([row["query"] for row in rows], model="sentences", labels=topics)
    right = np.mean([result.best.label == row["topic"] for result, row in zip(results, rows, strict=True)])
    assert right == pytest.approx(figures["zero_shot_accuracy", "held-out"], abs=RECORDED)


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


def test_sections_of_texts_are_told_as_well_as_recorded(argosy: Argosy) -> None:
    section = yaml.safe_load((MODELS / "tabular/mlp/model.yaml").read_text())["tabular"]
    words = {feature["name"]: place for place, feature in enumerate(section["features"])}
    texts = read("tabular/mlp/heldout.json")
    counts = np.zeros((len(texts), len(words)), np.float32)
    for row, text in enumerate(texts):
        for word in text["text"].split():
            counts[row, words[word]] += 1
    results = [
        result for n in range(0, len(texts), 250) for result in argosy.tabular.predict(counts[n : n + 250], model="mlp")
    ]
    right = [result.classes[0].label == text["label"] for result, text in zip(results, texts, strict=True)]
    assert np.mean(right) == pytest.approx(recorded("tabular/mlp")["accuracy", "held-out"], abs=RECORDED)


def windows(argosy: Argosy, model: str) -> tuple[list[TabularResult], NDArray[np.int64]]:
    """What a model of the sensors says of each held-out window, and what is wrong with its machine."""
    with np.load(MODELS / f"tabular/{model}/heldout.npz") as held_out:
        readings, labels = held_out["windows"], held_out["labels"]
    parts = (readings[n : n + 200] for n in range(0, len(readings), 200))
    return [result for part in parts for result in argosy.tabular.predict(part, model=model)], labels


def test_faults_of_machines_are_told_as_well_as_recorded(argosy: Argosy) -> None:
    results, labels = windows(argosy, "machine_health")
    right = [result.classes[0].index == label for result, label in zip(results, labels, strict=True)]
    figures = recorded("tabular/machine_health")
    assert np.mean(right) == pytest.approx(figures["accuracy", "held-out"], abs=RECORDED)
    assert figures["accuracy", "held-out"] > figures["accuracy_of_logistic_regression", "held-out"]


def test_anomalies_of_machines_are_told_as_well_as_recorded(argosy: Argosy) -> None:
    results, labels = windows(argosy, "anomaly")
    verdicts = [result.anomaly for result in results if result.anomaly is not None]
    scores = np.array([verdict.score for verdict in verdicts])
    alarms, faulty = np.array([verdict.anomalous for verdict in verdicts]), labels > 0
    figures = recorded("tabular/anomaly")
    auc = (scores[faulty][:, None] > scores[~faulty]).mean()
    assert auc == pytest.approx(figures["auc", "held-out"], abs=RECORDED)
    assert alarms[~faulty].mean() == pytest.approx(figures["false_alarm_rate", "held-out"], abs=RECORDED)
    assert alarms[faulty].mean() == pytest.approx(figures["detection_rate", "held-out"], abs=RECORDED)
