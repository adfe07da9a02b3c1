# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""NLP: similarity, reranking, and classes that the request names."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argosy.nlp.v1 import nlp_pb2 as pb
from argosy_worker.domains.nlp.service import DOMAIN, classify, rerank, similarity

from tests.unit.worker.domains.fakes import FakeCall, assert_invalid, fake_call, refusal
from tests.unit.worker.domains.nlp_models import ROOM, floats, graph, model, one_hot, write_pieces

GOOD, BAD, FILM = 4, 5, 6
EMBED = {"embed": {"output": "v", "pooling": "mean"}}
PAIRS = {"rerank": {"output": "s", "activation": "sigmoid"}}


def embedder(folder: Path, *methods: str, **section: Any) -> FakeCall:
    return model(folder, one_hot(GOOD, BAD, FILM), *methods, **EMBED, **section)


def common_words(inputs: Any) -> Any:
    """A cross-encoder: the number of tokens of the second text that are in the first."""
    scores = []
    for ids, types in zip(inputs["ids"], inputs["types"], strict=True):
        words = set(ids[types == 0].tolist()) - {0, 1, 2}
        scores.append([float(np.isin(ids[types == 1], list(words)).sum())])
    return {"s": np.array(scores, np.float32)}


async def test_texts_are_compared_with_each_other_by_cosine(tmp_path: Path) -> None:
    response = await similarity(
        pb.SimilarityRequest(texts=["good", "bad", "good bad good bad"]), embedder(tmp_path, "Similarity")
    )
    half = 0.5**0.5
    expected = np.array([[1, 0, half], [0, 1, half], [half, half, 1]])
    assert floats(response.similarities) == pytest.approx(expected, abs=1e-6)
    assert floats(response.similarities).max() <= 1


async def test_texts_are_compared_with_others_in_one_run(tmp_path: Path) -> None:
    call = embedder(tmp_path, "Similarity")
    response = await similarity(pb.SimilarityRequest(texts=["good"], others=["bad", "good"]), call)
    assert floats(response.similarities).tolist() == [[0, 1]]
    assert len(call.ran) == 1


async def test_documents_are_ranked_by_their_embeddings_best_first(tmp_path: Path) -> None:
    request = pb.RerankRequest(query="good film", documents=["bad", "film", "good film", "film"])
    response = await rerank(request, embedder(tmp_path, "Rerank"))
    assert [one.index for one in response.documents] == [2, 1, 3, 0]
    assert response.documents[0].score == pytest.approx(1)


async def test_top_k_limits_the_documents(tmp_path: Path) -> None:
    request = pb.RerankRequest(query="good", documents=["bad", "good"], top_k=1)
    assert [one.index for one in (await rerank(request, embedder(tmp_path, "Rerank"))).documents] == [1]
    request.top_k = 2**31 - 1
    assert len((await rerank(request, embedder(tmp_path, "Rerank"))).documents) == 2


async def test_a_cross_encoder_sees_query_and_document_together(tmp_path: Path) -> None:
    call = model(tmp_path, common_words, "Rerank", **PAIRS)
    response = await rerank(pb.RerankRequest(query="good", documents=["bad", "good good"]), call)
    assert [(one.index, round(one.score, 4)) for one in response.documents] == [(1, 0.8808), (0, 0.5)]
    assert call.ran[0]["ids"].tolist()[1] == [1, GOOD, 2, GOOD, GOOD, 2]
    assert call.ran[0]["types"].tolist()[1] == [0, 0, 0, 1, 1, 1]


async def test_the_best_window_of_a_document_counts(tmp_path: Path) -> None:
    call = model(tmp_path, common_words, "Rerank", **PAIRS)
    documents = ["bad", "bad bad bad bad bad bad good"]
    request = pb.RerankRequest(query="good", documents=documents, overflow=pb.OVERFLOW_WINDOW)
    ranked = [(one.index, round(one.score, 4)) for one in (await rerank(request, call)).documents]
    assert ranked == [(1, 0.7311), (0, 0.5)]
    request.overflow = pb.OVERFLOW_TRUNCATE
    assert [one.score for one in (await rerank(request, call)).documents] == [0.5, 0.5]


async def test_a_long_query_leaves_room_for_the_document(tmp_path: Path) -> None:
    call = model(tmp_path, common_words, "Rerank", **PAIRS)
    await rerank(pb.RerankRequest(query="good " * 50, documents=["film film film"]), call)
    ids = call.ran[0]["ids"].tolist()[0]
    assert len(ids) == ROOM
    assert ids.count(GOOD) == 1 and ids.count(FILM) == 2


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (pb.RerankRequest(documents=["a"]), "TEXT_EMPTY"),
        (pb.RerankRequest(query="a"), "NO_ITEMS"),
        (pb.RerankRequest(query="a", documents=["a", " "]), "TEXT_EMPTY"),
        (pb.RerankRequest(query="a", documents=["a"] * 9), "TOO_MANY_ITEMS"),
        (pb.RerankRequest(query="a", documents=["a"], top_k=-1), "TOP_K_NEGATIVE"),
        (pb.RerankRequest(query="a" * 100_001, documents=["a"]), "TEXT_TOO_LONG"),
    ],
)
async def test_bad_requests_to_rerank_are_refused(tmp_path: Path, request_: pb.RerankRequest, reason: str) -> None:
    assert (await refusal(rerank(request_, embedder(tmp_path, "Rerank")))).reason == reason


@pytest.mark.parametrize(
    ("request_", "reason", "field"),
    [
        (pb.SimilarityRequest(), "NO_ITEMS", "texts"),
        (pb.SimilarityRequest(texts=["a"] * 9), "TOO_MANY_ITEMS", "texts"),
        (pb.SimilarityRequest(texts=["a"], others=["a"] * 9), "TOO_MANY_ITEMS", "others"),
    ],
)
async def test_bad_requests_to_compare_are_refused(
    tmp_path: Path, request_: pb.SimilarityRequest, reason: str, field: str
) -> None:
    error = await refusal(similarity(request_, embedder(tmp_path, "Similarity")))
    assert (error.reason, error.metadata["field"]) == (reason, field)


async def test_more_pairs_than_fit_an_answer_are_refused(tmp_path: Path) -> None:
    call = embedder(tmp_path, "Similarity", max_items=100_000)
    error = await refusal(similarity(pb.SimilarityRequest(texts=["a"] * 2001), call))
    assert (error.reason, error.metadata["pairs"]) == ("TOO_MANY_PAIRS", str(2001**2))
    assert not call.ran


def zero_shot(folder: Path) -> FakeCall:
    settings = {"template": "very {label}", "temperature": 0.5}
    return embedder(folder, "Classify", zero_shot=settings)


async def test_labels_of_the_request_are_compared_with_the_text(tmp_path: Path) -> None:
    request = pb.ClassifyRequest(texts=["good film", "bad"], candidate_labels=["bad", "good"])
    results = (await classify(request, zero_shot(tmp_path))).results
    assert [(one.labels[0].label, one.labels[0].index) for one in results] == [("good", 1), ("bad", 0)]
    odds = np.exp(2 * 0.5**0.5)
    assert results[0].labels[0].score == pytest.approx(odds / (1 + odds), abs=1e-6)
    assert (results[0].token_count, results[0].truncated) == (4, False)


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ([], "LABELS_REQUIRED"),
        (["good"] * 2, "LABEL_REPEATED"),
        (["good", " "], "LABEL_EMPTY"),
        ([f"label {n}" for n in range(101)], "TOO_MANY_LABELS"),
        (["\u00e9" * 501], "LABEL_TOO_LONG"),
    ],
)
async def test_bad_candidate_labels_are_refused(tmp_path: Path, labels: list[str], reason: str) -> None:
    request = pb.ClassifyRequest(texts=["good"], candidate_labels=labels)
    assert (await refusal(classify(request, zero_shot(tmp_path)))).reason == reason


async def test_a_model_with_labels_of_its_own_refuses_those_of_the_request(tmp_path: Path) -> None:
    call = model(tmp_path, one_hot(1), "Classify", classify={"output": "y"})
    error = await refusal(classify(pb.ClassifyRequest(texts=["good"], candidate_labels=["good"]), call))
    assert error.reason == "LABELS_REFUSED"


@pytest.mark.parametrize(
    ("methods", "section", "parts"),
    [
        (["Rerank"], {}, ["nlp.embed: must be set for the method Rerank"]),
        (["Similarity"], {}, ["nlp.embed: must be set for the method Similarity"]),
        (["Classify"], {"zero_shot": {}}, ["nlp.embed: must be set for nlp.zero_shot"]),
        (["Classify"], {"zero_shot": {"template": "x"}, **EMBED}, ["nlp.zero_shot.template", "{label}"]),
        (["Classify"], {"zero_shot": {}, "classify": {"output": "y"}, **EMBED}, ["exclude each other"]),
        (["Rerank"], {"rerank": {"output": "y"}}, ["nlp.rerank.output"]),
        (["Rerank"], {**PAIRS, "tokenizer": {"max_length": 4}}, ["no room for a pair"]),
        (["Explain"], {}, ["nlp.classify: must be set for the method Explain"]),
    ],
)
def test_a_model_that_lacks_what_a_method_needs_is_refused(
    tmp_path: Path, methods: list[str], section: Any, parts: list[str]
) -> None:
    write_pieces(tmp_path)
    assert_invalid(DOMAIN, graph(tmp_path, *methods, **section), *parts)


def test_pairs_need_a_tokenizer_that_knows_them(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text('{"config": {"word_index": {"a": 1}}}')
    assert_invalid(DOMAIN, graph(tmp_path, "Rerank", tokenizer={"kind": "keras"}, **PAIRS), "nlp.rerank", "huggingface")


async def test_a_tokenizer_without_special_tokens_is_as_good(tmp_path: Path) -> None:
    write_pieces(tmp_path, special=False)
    call = fake_call(DOMAIN, graph(tmp_path, "Similarity", **EMBED), one_hot(GOOD, BAD, FILM))
    response = await similarity(pb.SimilarityRequest(texts=["good", "bad"]), call)
    assert floats(response.similarities).tolist() == [[1, 0], [0, 1]]
    assert call.ran[0]["ids"].tolist() == [[GOOD], [BAD]]
