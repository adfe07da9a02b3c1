# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Served through the gateway, every model is as good on its held-out samples as its model.yaml says."""

import io
import json
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import soundfile
import yaml
from argosy_client import Argosy
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


def test_commands_are_recognised_as_well_as_recorded(argosy: Argosy) -> None:
    with np.load(MODELS / "speech/commands/heldout.npz") as held_out:
        data, offsets, labels = held_out["data"], held_out["offsets"], held_out["labels"]
    clips = [data[start:end].tobytes() for start, end in pairwise(offsets)]
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


def test_hidden_items_are_recommended_as_often_as_recorded(argosy: Argosy) -> None:
    hits = []
    for row in read("recommendation/behaviour/heldout.json"):
        found = argosy.recommendation.recommend(row["history"], top_k=10)
        assert not {item.item_id for item in found.items} & set(row["history"])
        hits.append(row["target"] in {item.item_id for item in found.items})
    expected = recorded("recommendation/behaviour")["hit_rate_at_10", "held-out"]
    assert np.mean(hits) == pytest.approx(expected, abs=RECORDED)


def test_progression_is_predicted_as_well_as_recorded(argosy: Argosy) -> None:
    rows = read("tabular/diabetes/heldout.json")
    results = argosy.tabular.predict([row["features"] for row in rows])
    targets = np.array([row["target"] for row in rows])
    errors = np.array([result.values[0] for result in results]) - targets
    figures = recorded("tabular/diabetes")
    assert np.abs(errors).mean() == pytest.approx(figures["mae", "held-out"], abs=RECORDED)
    r2 = 1 - np.square(errors).sum() / np.square(targets - targets.mean()).sum()
    assert r2 == pytest.approx(figures["r2", "held-out"], abs=RECORDED)
