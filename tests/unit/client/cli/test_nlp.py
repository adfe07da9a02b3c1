# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The verbs of ``argosy nlp``: what people read, and what programs read."""

import json
from pathlib import Path

from argosy.common.v1 import explanation_pb2
from argosy.nlp.v1 import nlp_pb2

from tests.unit.client.cli.conftest import Argosy
from tests.unit.client.fake_fleet import FakeFleet


def test_tokens_shows_entities_and_where_they_are(argosy: Argosy, fleet: FakeFleet) -> None:
    result = argosy("nlp", "tokens", "In Rome", "--overflow", "window")
    assert result.exit_code == 0
    for text in ("In Rome", "Rome", "place", "0.9000", "2-6", "model digits, version 3"):
        assert text in result.stdout
    assert fleet.last.request.overflow == nlp_pb2.OVERFLOW_WINDOW
    (entry,) = json.loads(argosy("nlp", "tokens", "In Rome", "--json").stdout)
    assert entry["input"] == "In Rome"
    assert entry["entities"][0]["span"]["byte_end"] == 9


def test_similarity_shows_each_pair_once_the_most_alike_first(argosy: Argosy) -> None:
    rows = [line.split() for line in argosy("nlp", "similarity", "a", "b", "c").stdout.splitlines()[2:5]]
    assert [row[1:] for row in rows] == [["b", "c"], ["a", "c"], ["a", "b"]]
    found = json.loads(argosy("nlp", "similarity", "a", "b", "--with", "x", "--json").stdout)
    assert (found["texts"], found["others"], found["values"]) == (["a", "b"], ["x"], [[-1.0], [1.0]])


def test_rerank_shows_documents_best_first(argosy: Argosy, fleet: FakeFleet) -> None:
    result = argosy("nlp", "rerank", "query", "one", "two", "--top-k", "5")
    assert [line.split()[1] for line in result.stdout.splitlines()[2:4]] == ["two", "one"]
    assert fleet.last.request.top_k == 5
    found = json.loads(argosy("nlp", "rerank", "query", "one", "two", "--json").stdout)
    assert found["documents"][0] == {"index": 1, "score": 0.5, "document": "two"}


def test_explain_shows_words_by_importance_and_writes_the_picture(
    argosy: Argosy, fleet: FakeFleet, tmp_path: Path
) -> None:
    file = tmp_path / "why.svg"
    result = argosy("nlp", "explain", "Rome is dull", "--target", "place", "--explain-to", file)
    assert result.exit_code == 0, result.stderr
    assert [line.split()[0] for line in result.stdout.splitlines()[2:4]] == ["Rome", "dull"]
    for text in ("+0.5000", "-0.2500", "place: 0.9, and 0.2 without any word; erasure, 12 evaluations", "why.svg"):
        assert text in result.stdout
    assert file.read_bytes() == b"<svg/>"
    assert fleet.last.request.options.rendering == explanation_pb2.RENDERING_FORMAT_SVG


def test_explain_in_json_names_the_picture_and_leaves_its_bytes_out(argosy: Argosy, tmp_path: Path) -> None:
    file = tmp_path / "why.html"
    found = json.loads(argosy("nlp", "explain", "Rome", "--explain-to", file, "--json").stdout)
    assert (found["summary"]["target"], found["summary"]["rendering"]) == ("place", str(file))
    assert found["tokens"][0] == {"token": "dull", "span": None, "attribution": -0.25}
    assert json.loads(argosy("nlp", "explain", "Rome", "--json").stdout)["summary"]["rendering"] is None


def test_a_picture_of_another_kind_is_wrong_usage(argosy: Argosy, fleet: FakeFleet) -> None:
    result = argosy("nlp", "explain", "Rome", "--explain-to", "why.png")
    assert (result.exit_code, fleet.asked) == (2, [])
    assert "why.png ends neither in .svg nor in .html" in result.stderr


def test_classify_and_embed_send_their_options(argosy: Argosy, fleet: FakeFleet) -> None:
    assert argosy("nlp", "classify", "a", "--label", "food", "--label", "travel", "--overflow", "window").exit_code == 0
    assert list(fleet.last.request.candidate_labels) == ["food", "travel"]
    assert fleet.last.request.overflow == nlp_pb2.OVERFLOW_WINDOW
    assert argosy("nlp", "embed", "a", "--pooling", "first", "--no-normalize").exit_code == 0
    assert fleet.last.request.pooling == nlp_pb2.POOLING_FIRST
    assert fleet.last.request.normalization == nlp_pb2.NORMALIZATION_NONE
    assert argosy("nlp", "embed", "a").exit_code == 0
    assert fleet.last.request.normalization == nlp_pb2.NORMALIZATION_UNSPECIFIED
