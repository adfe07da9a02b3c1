# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about texts through the whole fleet: long texts, entities, comparisons, explanations, and bad requests."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from argosy.common.v1.explanation_pb2 import RENDERING_FORMAT_PNG, ExplanationOptions
from argosy.nlp.v1 import nlp_pb2 as pb
from argosy_client import Argosy

from tests.e2e.requests import send_beside_good_ones
from tests.e2e.shell import argosy_command
from tests.support.fleet import FleetAddresses

SERVICE = "/argosy.nlp.v1.NlpService"
ENDLESS = "word " * 19_000
TOPICS = ["food", "travel", "music", "money"]

INVALID: dict[str, tuple[str, Callable[[], Any], str]] = {
    "no text to tag": ("ClassifyTokens", lambda: pb.ClassifyTokensRequest(), "NO_ITEMS"),
    "empty text to tag": ("ClassifyTokens", lambda: pb.ClassifyTokensRequest(texts=["a", " "]), "TEXT_EMPTY"),
    "too many windows": (
        "ClassifyTokens",
        lambda: pb.ClassifyTokensRequest(texts=[ENDLESS] * 2, overflow=pb.OVERFLOW_WINDOW),
        "TOO_MANY_WINDOWS",
    ),
    "windows of many texts": (
        "Embed",
        lambda: pb.EmbedRequest(texts=[ENDLESS] * 20, overflow=pb.OVERFLOW_WINDOW),
        "TOO_MANY_WINDOWS",
    ),
    "overflow that does not exist": ("Classify", lambda: raw(pb.ClassifyRequest(texts=["a"]), 5, 77), "OPTION_UNKNOWN"),
    "pooling of a model without token vectors": (
        "Embed",
        lambda: pb.EmbedRequest(texts=["a"], pooling=pb.POOLING_MAX),
        "POOLING_UNSUPPORTED",
    ),
    "labels for a model with its own": (
        "Classify",
        lambda: pb.ClassifyRequest(texts=["a"], candidate_labels=["b"]),
        "LABELS_REFUSED",
    ),
    "no labels for a model without any": (
        "Classify",
        lambda: pb.ClassifyRequest(model="sentences", texts=["a"]),
        "LABELS_REQUIRED",
    ),
    "labels without number": (
        "Classify",
        lambda: pb.ClassifyRequest(model="sentences", texts=["a"], candidate_labels=map(str, range(101))),
        "TOO_MANY_LABELS",
    ),
    "others without number": (
        "Similarity",
        lambda: pb.SimilarityRequest(texts="ab", others="a" * 257),
        "TOO_MANY_ITEMS",
    ),
    "no query": ("Rerank", lambda: pb.RerankRequest(documents=["a"]), "TEXT_EMPTY"),
    "no documents": ("Rerank", lambda: pb.RerankRequest(query="a"), "NO_ITEMS"),
    "lowest top_k": ("Rerank", lambda: pb.RerankRequest(query="a", documents=["a"], top_k=-(2**31)), "TOP_K_NEGATIVE"),
    "explanation of nothing": ("Explain", lambda: pb.ExplainRequest(), "TEXT_EMPTY"),
    "picture of a text as PNG": ("Explain", lambda: why(rendering=RENDERING_FORMAT_PNG), "RENDERING_UNSUPPORTED"),
    "unknown method": ("Explain", lambda: why(method="tea leaves"), "EXPLANATION_METHOD_UNKNOWN"),
    "unknown target": ("Explain", lambda: why(target="neutral"), "TARGET_UNKNOWN"),
    "costly beyond the limit": ("Explain", lambda: why(max_evaluations=2**31 - 1), "EVALUATIONS_OUT_OF_RANGE"),
    "costly by its length": (
        "Explain",
        lambda: why(ENDLESS, method="shapley", max_evaluations=50),
        "EXPLANATION_TOO_COSTLY",
    ),
}


def why(text: str = "a fine film", **options: Any) -> pb.ExplainRequest:
    """A request for an explanation."""
    return pb.ExplainRequest(text=text, options=ExplanationOptions(**options))


def raw(message: Any, field: int, value: int) -> bytes:
    """A message with one more field of a small number, which a caller's enumeration may not have."""
    encoded: bytes = message.SerializeToString()
    return encoded + bytes([field << 3, value])


@pytest.mark.parametrize(("method", "make", "reason"), INVALID.values(), ids=INVALID)
def test_what_cannot_be_answered_is_an_invalid_argument(
    channel: grpc.Channel, method: str, make: Callable[[], Any], reason: str
) -> None:
    outcome = send_beside_good_ones(channel, f"{SERVICE}/{method}", make())
    assert outcome.refused() == ("INVALID_ARGUMENT", reason)


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("Similarity", pb.SimilarityRequest(model="sentiment", texts=["a"])),
        ("ClassifyTokens", pb.ClassifyTokensRequest(model="sentences", texts=["a"])),
        ("Explain", pb.ExplainRequest(model="entities", text="a")),
    ],
)
def test_a_model_without_the_method_is_a_failed_precondition(channel: grpc.Channel, method: str, request_: Any) -> None:
    outcome = send_beside_good_ones(channel, f"{SERVICE}/{method}", request_)
    assert outcome.refused() == ("FAILED_PRECONDITION", "METHOD_NOT_SUPPORTED")


def test_windows_hear_what_comes_late_in_a_long_text(argosy: Argosy) -> None:
    text = "The room was clean. " * 40 + "It was an awful, horrible, disgusting stay. " * 40
    cut, windows = (argosy.nlp.classify(text, overflow=way) for way in ("truncate", "window"))  # type: ignore[call-overload]
    assert (cut.truncated, windows.truncated) == (True, False)
    scores = [{label.label: label.score for label in result.labels}["negative"] for result in (cut, windows)]
    assert scores[0] < 0.5 < scores[1]
    assert windows.token_count > 400


def test_entities_lie_where_they_say_beside_emoji(argosy: Argosy) -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    text = f"{family} I bought the kettle in London on 3 May 2024 for \u20ac49.90 \U0001f44d\U0001f3fd"
    found = argosy.nlp.classify_tokens(text)
    assert {(each.text, each.label.label) for each in found} == {
        ("kettle", "product"),
        ("London", "place"),
        ("3 May 2024", "date"),
        ("\u20ac49.90", "amount"),
    }
    for each in found:
        assert text[each.span.character_start : each.span.character_end] == each.text
        assert text.encode()[each.span.byte_start : each.span.byte_end].decode() == each.text


def test_sentences_of_one_meaning_are_alike_and_ranked_first(argosy: Argosy) -> None:
    texts = ["My couch is broken.", "The sofa does not work any more.", "How much is the violin?"]
    similar = np.asarray(argosy.nlp.similarity(texts))
    assert similar.shape == (3, 3)
    assert similar[0, 1] > 0.7 > similar[0, 2]
    assert [one.index for one in argosy.nlp.rerank(texts[0], [texts[2], texts[1]])] == [1, 0]


def test_labels_of_the_request_are_told_apart(argosy: Argosy) -> None:
    results = argosy.nlp.classify(
        ["Where is my suitcase?", "The guitar is wonderful."], model="sentences", labels=TOPICS, top_k=1
    )
    assert [result.best.label for result in results] == ["travel", "music"]


def test_labels_that_do_not_exclude_each_other_are_all_named(argosy: Argosy) -> None:
    texts = [
        "Where is my suitcase? I also want my money back for the violin.",
        "Never mind the tent.",
        "My laptop is broken. This is not about my bank account.",
    ]
    results = argosy.nlp.classify(texts, model="topics", top_k=8)
    named = [{label.label for label in result.labels if label.score >= 0.5} for result in results]
    assert named == [{"travel", "music"}, set(), {"electronics"}]


def test_a_cross_encoder_tells_apart_what_is_asked_of_the_same_thing(argosy: Argosy) -> None:
    documents = ["The sofa is late.", "Please refund the settee.", "I love this soup.", "Please refund the violin."]
    ranked = list(argosy.nlp.rerank("I want my money back for the couch.", documents, model="relevance"))
    assert ranked[0].index == 1
    assert ranked[0].score > 0.5 > ranked[1].score
    (alone,) = argosy.nlp.rerank("I want my money back for the couch.", documents[1:2], model="relevance")
    assert alone.score == pytest.approx(ranked[0].score, abs=1e-4)


def test_an_explanation_points_at_the_word_that_counts(argosy: Argosy) -> None:
    found = argosy.nlp.explain("The film that we saw last week was terrible", picture="html")
    assert found.summary.target == "negative"
    weights = {token.token: token.attribution for token in found.tokens}
    assert max(weights, key=weights.__getitem__) == "terrible"
    assert found.summary.fidelity is not None and found.summary.fidelity > 0.2
    assert found.summary.rendering is not None and b"terrible" in found.summary.rendering.data


def test_the_command_line_explains_to_a_file(fleet: FleetAddresses, tmp_path: Path) -> None:
    file = tmp_path / "why.svg"
    ended = argosy_command(
        "nlp", "explain", "a <b>terrible</b> film", "--explain-to", str(file), "--json", "--address", fleet.gateway
    )
    assert (ended.status, ended.err) == (0, "")
    assert json.loads(ended.out)["summary"]["rendering"] == str(file)
    assert file.read_bytes().startswith(b"<svg ") and b"<b>" not in file.read_bytes()
