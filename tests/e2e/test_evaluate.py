# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy evaluate`` against the shared fleet: the figures that the demo models record."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from argosy_client import Argosy
from argosy_client.cli.app import app
from argosy_client.evaluation.evaluate import evaluate
from PIL import Image
from typer.testing import CliRunner

from tests.support.fleet import MODELS, FleetAddresses

#: Data, the figures that it gives by the names that model.yaml gives them, and the task.
CASES = {
    "sentiment": ("nlp/sentiment/handwritten.json", {"accuracy": "accuracy"}, "classification"),
    "diabetes": ("tabular/diabetes/heldout.json", {"mae": "mae", "r2": "r2"}, "regression"),
    "behaviour": ("recommendation/behaviour/heldout.json", {"hit_rate_at_10": "hit_rate_at_10"}, "ranking"),
    "digits": ("vision/digits/heldout.npz", {"accuracy": "accuracy"}, "classification"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_figures_of_the_demo_models_are_those_that_were_recorded(name: str, argosy: Argosy) -> None:
    file, names, task = CASES[name]
    found = evaluate(argosy, argosy.model(name), MODELS / file)
    assert found.task == task
    split = "hand-written" if "handwritten" in file else "held-out"
    recorded = {metric.name: metric for metric in argosy.model(name).metrics if metric.split == split}
    for ours, theirs in names.items():
        assert found.metrics[ours] == pytest.approx(recorded[theirs].value, abs=1e-3)
        assert found.sample_count == recorded[theirs].sample_count


def test_a_report_holds_figures_and_pictures(fleet: FleetAddresses, tmp_path: Path) -> None:
    (tmp_path / "reviews.csv").write_text("text,label\nA lovely film.,positive\nDull and bad.,negative\n")
    command = ["evaluate", "sentiment", str(tmp_path / "reviews.csv"), "--report", str(tmp_path / "report"), "--json"]
    ended = CliRunner().invoke(app, [*command, "--address", fleet.gateway])
    assert ended.exit_code == 0, ended.output
    assert json.loads(ended.stdout) == json.loads((tmp_path / "report/report.json").read_text())
    for picture in ("confusion.png", "thresholds.png"):
        with Image.open(tmp_path / "report" / picture) as opened:
            assert len(set(np.asarray(opened).reshape(-1, 3).tobytes())) > 2


def test_a_folder_of_folders_names_the_classes(argosy: Argosy, tmp_path: Path) -> None:
    seven = MODELS / "vision/digits/golden/seven.png"
    for label in ("7", "1"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "image.png").write_bytes(seven.read_bytes())
    found = evaluate(argosy, argosy.model("digits"), tmp_path)
    assert found.metrics["accuracy"] == 0.5
    assert found.confusion[1][7] == found.confusion[7][7] == 1


def test_a_label_that_the_model_does_not_have_is_refused(fleet: FleetAddresses, tmp_path: Path) -> None:
    (tmp_path / "reviews.jsonl").write_text('{"text": "A lovely film.", "label": "splendid"}\n')
    ended = CliRunner().invoke(
        app, ["evaluate", "sentiment", str(tmp_path / "reviews.jsonl"), "--address", fleet.gateway]
    )
    assert ended.exit_code == 2


def test_a_model_is_measured_by_its_tensors(argosy: Argosy, tmp_path: Path) -> None:
    with np.load(MODELS / "vision/digits/heldout.npz") as held_out:
        images, labels = held_out["images"], held_out["labels"]
    np.savez(tmp_path / "held.npz", image=(images / np.float32(255))[..., None].astype(np.float32), labels=labels)
    digits = replace(argosy.model("digits"), methods=())
    found = evaluate(argosy, digits, tmp_path / "held.npz", output="probabilities")
    assert found.metrics["accuracy"] == pytest.approx(0.9889, abs=1e-3)
    with pytest.raises(ValueError, match="no such output"):
        evaluate(argosy, digits, tmp_path / "held.npz", output="nothing")
