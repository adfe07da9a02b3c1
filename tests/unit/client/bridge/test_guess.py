# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What graphs of a few nodes are taken for, and what is said where they tell too little."""

from pathlib import Path
from typing import Any

import pytest
from argosy_client.bridge.place import Place
from argosy_client.bridge.plan import Asked
from argosy_client.bridge.report import example_of
from argosy_client.bridge.snippets import calls

from tests.support.awkward import Dims
from tests.support.guessable import IMAGE, TOKENIZER, VOCABULARY, Make, from_input, from_texts, heard, plan_of, tagged


def test_a_sigmoid_over_several_classes_of_texts_is_multi_label(made: Make) -> None:
    plan = plan_of(made(*from_texts(4, "Sigmoid"), tokenizer__json=TOKENIZER, labels__txt="a\nb\nc\nd\n"))
    assert plan.methods[0] == "Classify"
    assert plan.section["classify"] == {"output": "logits", "activation": "none", "multi_label": True}
    assert "a sigmoid of its own" in plan.reasons[0]


def test_logits_of_texts_are_of_one_label_unless_somebody_or_config_json_says_otherwise(made: Make) -> None:
    plain = plan_of(made(*from_texts(4), tokenizer__json=TOKENIZER))
    assert plain.section["classify"] == {"output": "logits", "activation": "softmax"}
    assert any("--multi-label" in note for note in plain.notes)
    asked = plan_of(made(*from_texts(4), tokenizer__json=TOKENIZER, asked=Asked(multi_label=True)))
    several = {"output": "logits", "activation": "sigmoid", "multi_label": True}
    assert asked.section["classify"] == several
    said = {"problem_type": "multi_label_classification"}
    assert plan_of(made(*from_texts(4), tokenizer__json=TOKENIZER, config__json=said)).section["classify"] == several


def test_one_number_for_texts_is_the_score_of_a_pair(made: Make, tmp_path: Path) -> None:
    prepared = made(*from_texts(1), tokenizer__json=TOKENIZER)
    plan = plan_of(prepared)
    assert plan.methods[:1] == ("Rerank",)
    assert plan.section["rerank"] == {"output": "logits", "activation": "sigmoid"}
    assert any("--method Classify" in note for note in plan.notes)
    printed = calls(example_of(prepared, Place(tmp_path, "guessed", 1)), "127.0.0.1:8080")
    assert printed["cli"].startswith("argosy nlp rerank 'A question.' 'A first text.' 'Another text.'")
    assert "fleet.nlp.rerank('A question.', ['A first text.', 'Another text.']" in printed["python"]


@pytest.mark.parametrize("files", [{"labels__txt": "bad\ngood\n"}, {"asked": Asked(methods=("Classify",))}])
def test_one_number_for_texts_is_that_of_two_classes_where_somebody_says_so(made: Make, files: dict[str, Any]) -> None:
    plan = plan_of(made(*from_texts(1), tokenizer__json=TOKENIZER, **files))
    assert "Classify" in plan.methods
    assert plan.section["classify"]["activation"] == "sigmoid"


@pytest.mark.parametrize(("tags", "scheme"), [("O\nB-X\nI-X\n", "bio"), ("X\nY\nO\n", "plain")], ids=["bio", "plain"])
def test_scores_for_each_token_with_names_are_tags(made: Make, tags: str, scheme: str) -> None:
    plan = plan_of(made(*tagged(3), tokenizer__json=TOKENIZER, labels__txt=tags))
    assert plan.methods == ("ClassifyTokens", "Tokenize")
    assert plan.section["classify_tokens"]["scheme"] == scheme
    assert plan.labels == tuple(tags.split())


@pytest.mark.parametrize(
    ("width", "files", "says"),
    [
        (3, {}, "put their names into labels.txt"),
        (3, {"labels__txt": "a\nb\nc\n"}, "none is outside"),
        (3, {"labels__txt": "O\nB-X\nE-X\n"}, "begins with E-"),
        (1200, {}, "a language model"),
    ],
)
def test_scores_for_each_token_that_tell_too_little_say_what_is_missing(
    made: Make, width: int, files: dict[str, str], says: str
) -> None:
    plan = plan_of(made(*tagged(width), tokenizer__json=TOKENIZER, **files))
    assert plan.methods == ()
    assert says in plan.missing


@pytest.mark.parametrize(
    ("outputs", "says"),
    [
        ([("output0", ["batch", 100, 9])], "transpose it"),
        ([("pred_boxes", ["batch", 10, 4]), ("pred_logits", ["batch", 10, 7])], "there are no scores and labels"),
        ([("restored", IMAGE)], "has the shape of the picture itself"),
        ([("last_hidden_state", ["batch", 17, 40])], "Classify reads"),
    ],
    ids=["a row for each candidate", "scores of every class", "a picture", "hidden states"],
)
def test_outputs_of_images_that_no_method_reads_say_why(made: Make, outputs: list[tuple[str, Dims]], says: str) -> None:
    plan = plan_of(made(*from_input(IMAGE, *outputs)))
    assert (plan.domain, plan.methods) == ("vision", ())
    assert says in plan.missing


def test_one_map_is_a_segmentation_by_default_and_an_inspection_where_somebody_says_so(made: Make) -> None:
    graph = from_input(IMAGE, ("mask", ["batch", 1, 16, 16]))
    plan = plan_of(made(*graph))
    assert plan.methods == ("Segment",)
    assert any("--method Inspect" in note for note in plan.notes)
    plan = plan_of(made(*graph, asked=Asked(methods=("Inspect",))))
    assert plan.methods == ("Inspect",)
    assert plan.section["inspect"]["threshold"] > 0


def test_a_method_that_the_graph_does_not_allow_is_refused_with_what_it_needs(made: Make) -> None:
    graph = from_input(IMAGE, ("probabilities", ["batch", 5]))
    with pytest.raises(ValueError, match=r"Detect needs outputs of boxes .* or an output \[batch, 4 \+ classes"):
        made(*graph, asked=Asked(methods=("Detect",)))
    with pytest.raises(ValueError, match="vision has no method 'Recommend'"):
        made(*graph, asked=Asked("vision", ("Recommend",)))
    with pytest.raises(ValueError, match="no domain has the methods Dance"):
        made(*graph, asked=Asked(methods=("Dance",)))


def test_an_autoencoder_is_told_what_to_give_out(made: Make) -> None:
    plan = plan_of(made(*from_input(["batch", 5], ("restored", ["batch", 5]), name="x")))
    assert plan.section["task"] == "regression"
    assert any("as an autoencoder's has" in note for note in plan.notes)
    sequences = plan_of(made(*from_input(["batch", 6, 5], ("restored", ["batch", 6, 5]), name="x")))
    assert sequences.methods == ()
    assert "anomaly_score" in sequences.missing


def test_a_score_of_anomalies_is_one_by_its_name_or_by_the_features_parts_beside_it(made: Make) -> None:
    named = plan_of(made(*from_input(["batch", 5], ("anomaly_score", ["batch", 1]), name="x")))
    assert named.section["task"] == "anomaly"
    parts = plan_of(made(*from_input(["batch", 5], ("score", ["batch", 1]), ("parts", ["batch", 5]), name="x")))
    assert parts.section["anomaly"]["parts"] == "parts"
    alone = plan_of(made(*from_input(["batch", 5], ("score", ["batch", 1]), name="x")))
    assert alone.section["task"] == "regression"


def test_steps_of_tokens_with_their_alphabet_are_recognition(made: Make) -> None:
    plan = plan_of(
        made(*heard(softmax=False), vocab__json=VOCABULARY, preprocessor_config__json={"do_normalize": True})
    )
    assert (plan.domain, plan.methods) == ("speech", ("Recognize", "DetectSpeech"))
    recognize = plan.section["recognize"]
    assert (recognize["stride"], recognize["blank"], recognize["word_delimiter"]) == (320, 0, "|")
    assert (recognize["scores"], plan.section["normalize"]) == ("logits", "per_clip")


@pytest.mark.parametrize(
    ("softmax", "files", "says"),
    [
        (False, {}, "put its tokens beside the graph"),
        (False, {"alphabet__txt": "_\na\n"}, "alphabet.txt has 2"),
        (True, {"vocab__json": VOCABULARY}, "leave the softmax out"),
    ],
)
def test_steps_of_tokens_that_tell_too_little_say_what_is_missing(
    made: Make, softmax: bool, files: dict[str, Any], says: str
) -> None:
    plan = plan_of(made(*heard(softmax), **files))
    assert (plan.domain, plan.methods) == ("speech", ())
    assert says in plan.missing


@pytest.mark.parametrize(
    ("dims", "seconds"),
    [(["batch", 8000], 1.0), (["batch", 48, 40], 1.0), (["batch", 98, 40], 2.0)],
    ids=["samples", "frames of a second", "frames of two seconds"],
)
def test_a_clip_of_fixed_length_is_as_long_as_the_rate_that_was_said_makes_it(
    made: Make, dims: Dims, seconds: float
) -> None:
    graph = from_input(dims, ("scores", ["batch", 5]), name="audio_mel")
    plan = plan_of(made(*graph, preprocessor_config__json={"sampling_rate": 8000}))
    assert (plan.domain, plan.section["sample_rate_hz"], plan.section["clip_seconds"]) == ("speech", 8000, seconds)
    unsaid = plan_of(made(*graph, preprocessor_config__json={}))
    assert (unsaid.section["sample_rate_hz"], unsaid.section["clip_seconds"]) == (16000, seconds / 2)


def test_a_history_without_a_catalogue_asks_for_it(made: Make) -> None:
    plan = plan_of(made(*from_input(["batch", 6], ("scores", ["batch", 6]), name="history")))
    assert (plan.domain, plan.methods) == ("recommendation", ())
    assert "items.csv" in plan.missing


def test_a_catalogue_of_another_size_is_told(made: Make) -> None:
    graph = from_input(["batch", 6], ("scores", ["batch", 6]), name="history")
    plan = plan_of(made(*graph, items__csv="id,name\na,First\n"))
    assert "no output has 1 numbers" in plan.missing


def test_what_was_guessed_and_why_is_written_into_model_yaml(made: Make) -> None:
    text = made(*from_input(IMAGE, ("mask", ["batch", 1, 16, 16]))).texts["model.yaml"]
    assert "# Segment: output 'mask' holds one map over the picture." in text
    assert "# Note: 'mask' could also be a map of what is unusual" in text
