# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""NLP: entities in texts, and where they lie in characters and in bytes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argosy.nlp.v1 import nlp_pb2 as pb
from argosy_worker.domains.nlp.keras import load_keras
from argosy_worker.domains.nlp.service import DOMAIN, classify_tokens
from argosy_worker.errors import EngineFault

from tests.unit.worker.domains.fakes import FakeCall, assert_invalid, refusal
from tests.unit.worker.domains.nlp_models import graph, model, write_pieces

TAGS = ("O", "B-who", "I-who", "B-where", "I-where")
SECTION = {"classify_tokens": {"output": "t", "activation": "none"}}
#: Ann is a person, the piece "##a" says so too, Rome is a place, "good" continues a person, "film" begins one.
SAID = {8: 1, 9: 2, 11: 3, 4: 2, 6: 1}


def tagger(said: dict[int, int] = SAID, sure: float = 0.8) -> Any:
    """A model that gives each token id a tag, "O" where none is named."""

    def run(inputs: Any) -> Any:
        tags = np.vectorize(lambda number: said.get(number, 0))(inputs["ids"])
        scores = np.full((*tags.shape, len(TAGS)), (1 - sure) / (len(TAGS) - 1), np.float32)
        np.put_along_axis(scores, tags[..., None], sure, axis=-1)
        return {"t": scores}

    return run


def call_on(folder: Path, run: Any = None, **changes: Any) -> FakeCall:
    section = {"tokenizer": {"max_length": 12}, "labels": TAGS, **SECTION} | changes
    return model(folder, run or tagger(), "ClassifyTokens", **section)


async def found(call: FakeCall, text: str, overflow: Any = pb.OVERFLOW_TRUNCATE) -> list[tuple[str, str]]:
    """The entities of a text; each is checked to lie where it says."""
    response = await classify_tokens(pb.ClassifyTokensRequest(texts=[text], overflow=overflow), call)
    for entity in response.results[0].entities:
        span = entity.span
        assert text[span.character_start : span.character_end] == entity.text
        assert text.encode()[span.byte_start : span.byte_end].decode() == entity.text
    return [(entity.text, entity.label.label) for entity in response.results[0].entities]


async def test_entities_have_label_score_and_place(tmp_path: Path) -> None:
    response = await classify_tokens(pb.ClassifyTokensRequest(texts=["Ann good in Rome", "in"]), call_on(tmp_path))
    who, where = response.results[0].entities
    assert (who.text, who.label.label, who.label.index, round(who.label.score, 6)) == ("Ann good", "who", 1, 0.8)
    assert (where.span.byte_start, where.span.byte_end) == (12, 16)
    assert not response.results[1].entities and not response.results[0].truncated


@pytest.mark.parametrize(
    "text",
    [
        "\U0001f600 Ann in Rome",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 Ann, Rome \U0001f44d\U0001f3fd",
        "\u00e9\u00e9 Ann \u6771\u4eac Rome",
        "e\u0301 Ann e\u0301 Rome",
        "\u202e Ann Rome",
        "\u0130\u0130 Ann Rome",
    ],
    ids=["emoji", "joined emoji", "accents and Han", "combining marks", "direction", "longer in lower case"],
)
async def test_places_are_right_beside_letters_of_any_size(tmp_path: Path, text: str) -> None:
    assert await found(call_on(tmp_path), text) == [("Ann", "who"), ("Rome", "where")]


async def test_an_entity_is_not_cut_within_a_letter_and_its_marks(tmp_path: Path) -> None:
    said = {13: 3}  # the letter that NFC makes of two characters
    assert await found(call_on(tmp_path, tagger(said)), "in e\u0301 in") == [("e\u0301", "where")]
    assert await found(call_on(tmp_path), "Rome\u0301") == []
    said = {3: 1}
    assert await found(call_on(tmp_path, tagger(said)), "\U0001f44d\U0001f3fd") == [("\U0001f44d\U0001f3fd", "who")]


async def test_a_word_has_the_tag_of_its_first_piece_unless_each_counts(tmp_path: Path) -> None:
    said = {8: 1, 9: 3}
    assert await found(call_on(tmp_path, tagger(said)), "Anna in") == [("Anna", "who")]
    section = SECTION["classify_tokens"] | {"subwords": "each"}
    call = call_on(tmp_path, tagger(said), classify_tokens=section)
    assert await found(call, "Anna in") == [("Ann", "who"), ("a", "where")]


async def test_tags_that_begin_part_neighbours_and_those_that_continue_join_them(tmp_path: Path) -> None:
    assert await found(call_on(tmp_path), "Ann film good") == [("Ann", "who"), ("film good", "who")]
    assert await found(call_on(tmp_path), "good Rome good") == [("good", "who"), ("Rome", "where"), ("good", "who")]


async def test_plain_tags_join_neighbours_of_one_kind(tmp_path: Path) -> None:
    section = SECTION["classify_tokens"] | {"scheme": "plain"}
    call = call_on(tmp_path, classify_tokens=section, labels=("O", "who", "who-else", "where", "x"))
    assert await found(call, "Ann film, Ann Rome") == [("Ann film", "who"), ("Ann", "who"), ("Rome", "where")]


async def test_logits_become_probabilities(tmp_path: Path) -> None:
    def run(inputs: Any) -> Any:
        scores = np.zeros((*inputs["ids"].shape, 5), np.float32)
        scores[..., 1] = np.log(4)
        return {"t": scores}

    call = call_on(tmp_path, run, classify_tokens={"output": "t"})
    response = await classify_tokens(pb.ClassifyTokensRequest(texts=["Ann"]), call)
    assert response.results[0].entities[0].label.score == pytest.approx(0.5)


async def test_what_is_cut_off_has_no_entities_and_windows_see_all(tmp_path: Path) -> None:
    text = "in " * 9 + "Ann good " + "in " * 9 + "Rome"
    call = call_on(tmp_path)
    assert await found(call, text) == [("Ann", "who")]
    assert await found(call, text, pb.OVERFLOW_WINDOW) == [("Ann good", "who"), ("Rome", "where")]
    response = await classify_tokens(pb.ClassifyTokensRequest(texts=[text]), call)
    assert response.results[0].truncated


async def test_left_padding_and_left_cutting_find_the_same(tmp_path: Path) -> None:
    settings = {"max_length": 5, "padding_side": "left", "truncation_side": "left", "padding": "max_length"}
    assert await found(call_on(tmp_path, tokenizer=settings), "Ann Ann in Rome good") == [
        ("Rome", "where"),
        ("good", "who"),
    ]
    assert await found(call_on(tmp_path, tokenizer=settings), "Ann") == [("Ann", "who")]


async def test_scores_that_are_not_finite_are_the_engines_fault(tmp_path: Path) -> None:
    call = call_on(tmp_path, lambda inputs: {"t": np.full((*inputs["ids"].shape, 5), np.nan, np.float32)})
    with pytest.raises(EngineFault):
        await found(call, "Ann")


async def test_bad_requests_are_refused(tmp_path: Path) -> None:
    for request, reason in (
        (pb.ClassifyTokensRequest(), "NO_ITEMS"),
        (pb.ClassifyTokensRequest(texts=["\n"]), "TEXT_EMPTY"),
        (pb.ClassifyTokensRequest(texts=["a"], overflow=7), "OPTION_UNKNOWN"),  # type: ignore[arg-type]
        (pb.ClassifyTokensRequest(texts=["in " * 9999], overflow=pb.OVERFLOW_WINDOW), "TOO_MANY_WINDOWS"),
    ):
        assert (await refusal(classify_tokens(request, call_on(tmp_path)))).reason == reason


@pytest.mark.parametrize(
    ("labels", "section", "parts"),
    [
        ((), {}, ["labels_file: must be set"]),
        (("O", "B-x"), {}, ["has 2 tags", "has 5"]),
        (("N", "B-x", "I-x", "B-y", "I-y"), {}, ["classify_tokens.outside", "'O'"]),
        (("O", "x", "I-x", "B-y", "I-y"), {}, ["the tag 'x'", "B-NAME"]),
        (TAGS, {"classify_tokens": {"output": "y"}}, ["nlp.classify_tokens.output"]),
        (TAGS, {"classify_tokens": None}, ["nlp.classify_tokens: must be set for the method ClassifyTokens"]),
    ],
)
def test_tags_that_do_not_fit_are_refused_at_load(tmp_path: Path, labels: Any, section: Any, parts: Any) -> None:
    write_pieces(tmp_path)
    assert_invalid(DOMAIN, graph(tmp_path, "ClassifyTokens", labels=labels, **(SECTION | section)), *parts)


@pytest.mark.parametrize(
    ("settings", "text", "words"),
    [
        ({}, "Good,  good\U0001f600 good", ["Good", "good"]),
        ({}, "\u0130\u0130 GOOD", ["GOOD"]),
        ({"filters": "\U0001f600", "split": " "}, "\U0001f600good\U0001f600good", ["good", "good"]),
        ({"split": "--", "filters": "!"}, "good!good--good", ["good", "good", "good"]),
        ({"char_level": True, "word_index": {"g": 1}}, "\u0130gG", ["g", "G"]),
    ],
)
def test_words_of_a_keras_tokenizer_know_their_places(settings: Any, text: str, words: list[str]) -> None:
    config = {"word_index": {"good": 1}, "filters": ",", "split": " ", "lower": True} | settings
    tokenizer = load_keras(json.dumps({"config": config}))
    (tokens,) = tokenizer.encode([text], places=True)
    assert [text[start:end] for start, end in tokens.spans] == words
    assert tokens.ids == tokenizer.encode([text])[0].ids
