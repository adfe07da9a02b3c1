# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The calls that are printed for an added model fit the methods that it was given."""

import shlex
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from argosy_client.bridge.domains import nlp, recommendation, speech, tabular, vision
from argosy_client.bridge.place import Place
from argosy_client.bridge.plan import Asked
from argosy_client.bridge.report import example_of
from argosy_client.bridge.snippets import calls
from argosy_client.cli.group import load
from argosy_client.cli.verbs import verbs
from google.protobuf import json_format

from tests.support.awkward import FLOAT
from tests.support.guessable import (
    IMAGE,
    TOKENIZER,
    VOCABULARY,
    Graph,
    Make,
    from_input,
    from_texts,
    heard,
    plan_of,
    tagged,
)

ROW = {"background__npy": "not read here"}
SOUND = {"vocab__json": VOCABULARY}
TEXTS = {"tokenizer__json": TOKENIZER}
CATALOGUE = {"items__csv": "id,name\na,A\nb,B\nc,C\n", "users__txt": "u\nv\n"}

_ROWS = from_input(["batch", 5], ("y", ["batch", 2]), name="x")
_SCORES = from_input(IMAGE, ("probabilities", ["batch", 5]))
_VECTORS = from_input(IMAGE, ("embedding", ["batch", 5]))
_MAP = from_input(IMAGE, ("mask", ["batch", 1, 16, 16]))
_CLIPS = from_input(["batch", 16000], ("scores", ["batch", 5]), name="audio")
_RATED = from_input(["batch", 3], ("item_scores", ["batch", 3]), name="history")
_ALIKE = from_input(["batch", 3], ("similar_items", ["batch", 3]), name="history")
_PEOPLE = from_input(["batch", 3], ("item_scores", ["batch", 3]), ("user_scores", ["batch", 2]), name="history")
#: For each method a graph that allows it, and the files beside it.
CASES: dict[tuple[str, str], tuple[Graph, dict[str, Any]]] = {
    ("vision", "Classify"): (_SCORES, {}),
    ("vision", "Explain"): (_SCORES, {}),
    ("vision", "Embed"): (_VECTORS, {}),
    ("vision", "Compare"): (_VECTORS, {}),
    ("vision", "Detect"): (from_input(IMAGE, ("output0", ["batch", 9, 100])), {}),
    ("vision", "Segment"): (_MAP, {}),
    ("vision", "Inspect"): (_MAP, {}),
    ("speech", "Classify"): (_CLIPS, {}),
    ("speech", "Explain"): (_CLIPS, {}),
    ("speech", "Recognize"): (heard(), SOUND),
    ("speech", "DetectSpeech"): (heard(), SOUND),
    ("speech", "StreamingRecognize"): (heard(state=FLOAT), SOUND),
    ("nlp", "Classify"): (from_texts(4), TEXTS),
    ("nlp", "Explain"): (from_texts(4), TEXTS),
    ("nlp", "ClassifyTokens"): (tagged(3), {**TEXTS, "labels__txt": "O\nA\nB\n"}),
    ("nlp", "Embed"): (from_texts(4, name="embedding"), TEXTS),
    ("nlp", "Similarity"): (from_texts(4, name="embedding"), TEXTS),
    ("nlp", "Rerank"): (from_texts(4, name="embedding"), TEXTS),
    ("recommendation", "Recommend"): (_RATED, CATALOGUE),
    ("recommendation", "Rank"): (_RATED, CATALOGUE),
    ("recommendation", "SimilarItems"): (_ALIKE, CATALOGUE),
    ("recommendation", "SimilarUsers"): (_PEOPLE, CATALOGUE),
    ("tabular", "Predict"): (_ROWS, ROW),
    ("tabular", "PredictStream"): (_ROWS, ROW),
    ("tabular", "Explain"): (_ROWS, ROW),
}
#: Methods whose calls are made up; models without one of them are called by their tensors.
TYPED = {"Classify", "ClassifyTokens", "Embed", "Detect", "Segment", "Inspect", "Recognize", "Recommend", "Predict"}
_DOMAINS = {"vision": vision, "speech": speech, "nlp": nlp, "recommendation": recommendation, "tabular": tabular}


def test_there_is_a_case_for_every_method_that_can_be_added_alone() -> None:
    known = {(name, method) for name, domain in _DOMAINS.items() for method in domain.METHODS}
    assert set(CASES) == known - {("nlp", "Tokenize")}


@pytest.mark.parametrize(("domain", "method"), CASES)
def test_a_model_of_a_single_method_is_printed_with_a_command_that_exists_and_a_file_that_is_written(
    made: Make, tmp_path: Path, domain: str, method: str
) -> None:
    graph, files = CASES[domain, method]
    prepared = made(*graph, asked=Asked(domain, (method,)), **files)
    assert plan_of(prepared).methods == (method,)
    example = example_of(prepared, Place(tmp_path, "guessed", 1))
    printed = calls(example, "127.0.0.1:8080")
    assert bool(example.domain) == (method in TYPED)
    if example.domain:
        assert example.method == method
        messages = import_module(f"argosy.{domain}.v1.{domain}_pb2")
        json_format.ParseDict(example.request, getattr(messages, f"{method}Request")())
    _, verb, *words = shlex.split(printed["cli"])
    command: Any = load(verbs()[verb])
    if hasattr(command, "commands"):
        command, words = command.commands[words[0]], words[1:]
    command.make_context(verb, words)  # refuses what cannot be used
    assert prepared.example in {*prepared.texts, *prepared.blobs}
    compile(printed["python"], "printed", "exec")


def test_tokenize_alone_is_refused_with_what_it_needs(made: Make) -> None:
    with pytest.raises(ValueError, match=r"Tokenize needs a method beside it .* Classify reads an output"):
        made(*from_texts(4), **TEXTS, asked=Asked(methods=("Tokenize",)))
