# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Every verb against a fleet: what people read, and what programs read."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.unit.client.cli.conftest import Argosy
from tests.unit.client.fake_fleet import FakeFleet


@pytest.fixture
def image(tmp_path: Path) -> Path:
    file = tmp_path / "seven.png"
    file.write_bytes(b"png")
    return file


def test_models_lists_state_versions_replicas_methods_and_accuracy(argosy: Argosy) -> None:
    result = argosy("models")

    assert result.exit_code == 0
    for text in ("vision", "digits", "READY", "3", "1/2", "Classify, Embed", "accuracy 0.9889"):
        assert text in result.stdout


def test_models_show_tells_everything_about_a_model(argosy: Argosy, fleet: FakeFleet) -> None:
    result = argosy("models", "show", "digits")

    assert fleet.last.request.model == "digits"
    for text in (
        "Reads one handwritten digit.",
        "zero, one",
        "stable = 3",
        "0.9889 (held-out, 360 samples)",
        "CC BY 4.0",
        "2026-01-02",
        "vision-1",
        "FAILED",
        "golden sample differs",
        "onnx cpu",
        "[any, 28, 28, 1]",
        "To show a classifier.",
        "Knows ten digits alone.",
        "ab12" * 16,
        "probabilities",
    ):
        assert text in result.stdout


def test_models_in_json_have_stable_keys(argosy: Argosy) -> None:
    (listed,) = json.loads(argosy("models", "--json").stdout)
    shown = json.loads(argosy("models", "show", "digits", "--json").stdout)

    assert listed == shown
    assert set(shown) == {
        *("name", "domain", "description", "state", "reason", "methods", "default_for", "class_labels"),
        *("version_labels", "metrics", "provenance", "card", "replicas"),
    }
    assert shown["replicas"][0]["versions"][0]["inputs"] == [
        {"name": "image", "data_type": "FP32", "shape": [-1, 28, 28, 1]}
    ]


def test_workers_are_listed(argosy: Argosy) -> None:
    result = argosy("workers", "--domain", "vision")
    (worker,) = json.loads(argosy("workers", "--json").stdout)

    for text in ("vision-0", "127.0.0.1:8101", "SERVING", "digits", "0.1.0"):
        assert text in result.stdout
    assert (worker["replica"], worker["status"], worker["ready_models"]) == ("vision-0", "SERVING", ["digits"])


def test_health_exits_with_0_only_where_the_fleet_serves(argosy: Argosy, fleet: FakeFleet) -> None:
    healthy = argosy("health", "--json")
    assert healthy.exit_code == 0
    assert json.loads(healthy.stdout) == dict.fromkeys(
        ["fleet", "vision", "speech", "nlp", "recommendation", "tabular"], "SERVING"
    )
    fleet.health = 2
    sick = argosy("health", "model/digits")
    assert sick.exit_code == 1
    assert "NOT_SERVING" in sick.stdout
    assert fleet.last.request.value == "model/digits"


def test_a_domain_names_its_service_for_health(argosy: Argosy, fleet: FakeFleet) -> None:
    argosy("health", "nlp")
    assert fleet.last.request.value == "argosy.nlp.v1.NlpService"


def test_vision_classify_shows_label_score_and_who_answered(argosy: Argosy, fleet: FakeFleet, image: Path) -> None:
    result = argosy("vision", "classify", image, "--model", "digits", "--model-version", "stable", "--top-k", "2")

    assert result.exit_code == 0
    for text in ("seven.png", "seven", "0.7500", "one 0.2500", "model digits, version 3"):
        assert text in result.stdout
    request = fleet.last.request
    assert (request.model, request.version, request.top_k) == ("digits", "stable", 2)


def test_vision_classify_in_json_carries_the_timing(argosy: Argosy, image: Path) -> None:
    (entry,) = json.loads(argosy("vision", "classify", image, "--json").stdout)

    assert set(entry) == {"input", "labels", "model", "version", "timing"}
    assert entry["labels"][0] == {"label": "seven", "index": 7, "score": 0.75}
    assert set(entry["timing"]) == {"total_ms", "queue_ms", "compute_ms", "batch_size", "replica", "device"}


def test_timing_shows_the_trailers(argosy: Argosy, image: Path) -> None:
    result = argosy("vision", "classify", image, "--timing")

    assert result.stdout.splitlines()[2].split()[-5:] == ["0.2", "1.5", "4", "vision-0", "cpu"]
    assert "queue 0.2 ms, compute 1.5 ms, batch 4, vision-0, cpu" in argosy("nlp", "tokenize", "a", "--timing").stdout


def test_a_failing_file_is_one_line_and_the_others_go_on(argosy: Argosy, image: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"broken")
    missing = tmp_path / "missing.png"

    result = argosy("vision", "classify", bad, image, missing)

    assert result.exit_code == 1
    assert "seven.png" in result.stdout
    assert sorted(result.stderr.splitlines()) == [
        f"{bad}: INVALID_ARGUMENT (INVALID_INPUT): image 0 is no PNG, JPEG, WebP or BMP file",
        f"{missing}: No such file or directory",
    ]


def test_failing_files_are_json_lines_where_json_is_wanted(argosy: Argosy, image: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"broken")

    result = argosy("vision", "classify", bad, tmp_path / "missing.png", image, "--json")

    assert result.exit_code == 1
    assert [entry["input"] for entry in json.loads(result.stdout)] == [str(image)]
    refused, missing = (json.loads(line)["error"] for line in result.stderr.splitlines())
    assert (refused["input"], refused["code"], refused["reason"]) == (str(bad), "INVALID_ARGUMENT", "INVALID_INPUT")
    assert (missing["code"], missing["message"]) == ("INPUT", "No such file or directory")


def test_many_files_keep_their_order(argosy: Argosy, tmp_path: Path) -> None:
    files = [tmp_path / f"{number:02}.png" for number in range(20)]
    for file in files:
        file.write_bytes(b"png")

    entries = json.loads(argosy("vision", "classify", *files, "--json").stdout)

    assert [entry["input"] for entry in entries] == [str(file) for file in files]


def test_vision_embed_saves_the_vectors(argosy: Argosy, image: Path, tmp_path: Path) -> None:
    result = argosy("vision", "embed", image, "--output", tmp_path / "vectors.npy")

    assert "0.0000, 1.0000, 2.0000" in result.stdout
    saved = np.load(tmp_path / "vectors.npy")
    assert (saved.dtype, saved.tolist()) == (np.float32, [[0, 1, 2]])


def test_speech_classify_reads_clips(argosy: Argosy, fleet: FakeFleet, tmp_path: Path) -> None:
    clip = tmp_path / "yes.wav"
    clip.write_bytes(b"wav")

    (entry,) = json.loads(argosy("speech", "classify", clip, "--json").stdout)

    assert (entry["labels"][0]["label"], entry["duration_s"]) == ("seven", 0.8)
    assert "yes.wav" in argosy("speech", "classify", clip).stdout
    assert fleet.last.request.audio.encoded == b"wav"


def test_nlp_verbs_take_texts(argosy: Argosy) -> None:
    assert "good day" in argosy("nlp", "classify", "good day", "bad day").stdout
    assert [entry["input"] for entry in json.loads(argosy("nlp", "classify", "a", "b", "--json").stdout)] == ["a", "b"]
    assert [entry["vector"] for entry in json.loads(argosy("nlp", "embed", "a", "b", "--json").stdout)] == [
        [0, 1, 2],
        [3, 4, 5],
    ]
    assert "good" in argosy("nlp", "tokenize", "good day").stdout
    (tokens,) = json.loads(argosy("nlp", "tokenize", "good day", "--json").stdout)
    assert (tokens["ids"], tokens["tokens"]) == ([5, 6], ["good", "day"])


def test_recommendation_verbs_take_items(argosy: Argosy, fleet: FakeFleet) -> None:
    result = argosy("recommendation", "recommend", "--item", "a", "--item", "b=2.5", "--item", "x=y", "--exclude", "c")
    assert "Far Suns" in result.stdout
    assert {one.item_id: one.weight for one in fleet.last.request.history} == {"a": 1.0, "b": 2.5, "x=y": 1.0}
    assert list(fleet.last.request.exclude_item_ids) == ["c"]

    argosy("recommendation", "rank", "--item", "a", "--candidate", "x", "--candidate", "y")
    assert list(fleet.last.request.candidate_item_ids) == ["x", "y"]

    users = argosy("recommendation", "similar-users", "--item", "a", "--user", "user-001", "--json")
    assert json.loads(users.stdout)["users"] == [{"user_id": "user-002", "score": 0.5}]

    assert "space-01" in argosy("recommendation", "similar", "a").stdout


def test_recommend_takes_filters_and_shows_reasons(argosy: Argosy, fleet: FakeFleet) -> None:
    arguments = ("--filter", "genre=space", "--filter", "genre=horror", "--filter", "tag=a=b", "--reasons", "1")
    result = argosy("recommendation", "recommend", *arguments)
    assert "because of" in result.stdout
    assert "space-07 0.2500" in result.stdout
    sent = fleet.last.request
    assert [(one.attribute, list(one.values)) for one in sent.filters] == [
        ("genre", ["space", "horror"]),
        ("tag", ["a=b"]),
    ]
    assert (sent.reason_count, len(sent.history)) == (1, 0)

    entry = json.loads(argosy("recommendation", "recommend", *arguments, "--json").stdout)["items"][0]
    assert entry["reasons"] == [{"item_id": "space-07", "name": "Near Suns", "contribution": 0.25}]
    assert "because of" not in argosy("recommendation", "recommend", "--item", "a").stdout


@pytest.mark.parametrize("text", ["genre", "=space", "genre="])
def test_a_filter_that_is_none_is_told_in_one_line(argosy: Argosy, text: str) -> None:
    result = argosy("recommendation", "recommend", "--filter", text)
    assert result.exit_code == 2
    assert "is not ATTRIBUTE=VALUE" in result.stderr


def test_tabular_predict_reads_csv_and_rows(argosy: Argosy, fleet: FakeFleet, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("age,bmi\n52, 24.5\n\n40,30\n")

    entries = json.loads(argosy("tabular", "predict", file, "--json").stdout)
    assert [(entry["row"], entry["values"]) for entry in entries] == [(1, [151.5]), (2, [151.5])]
    assert [dict(row.named) for row in fleet.last.request.rows] == [{"age": 52, "bmi": 24.5}, {"age": 40, "bmi": 30}]

    assert "151.5" in argosy("tabular", "predict", "--row", "age=52,bmi=24.5").stdout
    assert dict(fleet.last.request.rows[0].named) == {"age": 52, "bmi": 24.5}


def test_a_large_csv_is_sent_in_parts(argosy: Argosy, fleet: FakeFleet, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("age\n" + "1\n" * 300)

    assert len(json.loads(argosy("tabular", "predict", file, "--json").stdout)) == 300
    assert [len(one.request.rows) for one in fleet.asked] == [256, 44]
