# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about texts: what both clients send, and what they make of the answers."""

import numpy as np
import pytest
from argosy.nlp.v1 import nlp_pb2

from tests.unit.client.conftest import Ask
from tests.unit.client.fake_fleet import FakeFleet


async def test_choices_of_overflow_pooling_and_scaling_are_sent(ask: Ask, fleet: FakeFleet) -> None:
    await ask(lambda c: c.nlp.embed("text", overflow="window", pooling="max", normalize=False))
    request = fleet.last.request
    assert request.overflow == nlp_pb2.OVERFLOW_WINDOW
    assert request.pooling == nlp_pb2.POOLING_MAX
    assert request.normalization == nlp_pb2.NORMALIZATION_NONE
    await ask(lambda c: c.nlp.embed("text", normalize=True))
    request = fleet.last.request
    assert (request.overflow, request.pooling) == (nlp_pb2.OVERFLOW_TRUNCATE, nlp_pb2.POOLING_UNSPECIFIED)
    assert request.normalization == nlp_pb2.NORMALIZATION_L2


async def test_labels_to_choose_from_are_sent(ask: Ask, fleet: FakeFleet) -> None:
    await ask(lambda c: c.nlp.classify("text", labels=["food", "travel"]))
    assert list(fleet.last.request.candidate_labels) == ["food", "travel"]


async def test_entities_are_read_with_their_places(ask: Ask, fleet: FakeFleet) -> None:
    one = await ask(lambda c: c.nlp.classify_tokens("text", overflow="window"))
    many = await ask(lambda c: c.nlp.classify_tokens(["a", "b"]))
    (entity,) = one
    assert (entity.text, entity.label.label, entity.label.index) == ("Rome", "place", 3)
    assert (entity.span.byte_start, entity.span.byte_end) == (5, 9)
    assert (entity.span.character_start, entity.span.character_end) == (2, 6)
    assert (one.truncated, one.model, len(one), len(many)) == (False, "digits", 1, 2)


async def test_similarities_are_one_array(ask: Ask, fleet: FakeFleet) -> None:
    answer = await ask(lambda c: c.nlp.similarity(["a", "b"], ["x", "y", "z"]))
    assert np.asarray(answer).shape == (2, 3)
    assert answer.values.dtype == np.float32
    assert list(fleet.last.request.others) == ["x", "y", "z"]
    assert (await ask(lambda c: c.nlp.similarity(["a", "b"]))).values.shape == (2, 2)


async def test_ranked_documents_come_best_first(ask: Ask, fleet: FakeFleet) -> None:
    answer = await ask(lambda c: c.nlp.rerank("query", ["a", "b"], top_k=2))
    assert [(one.index, one.score) for one in answer] == [(1, 0.5), (0, 0.5)]
    assert (fleet.last.request.query, fleet.last.request.top_k, len(answer)) == ("query", 2, 2)


async def test_an_explanation_is_read_with_its_summary_and_picture(ask: Ask, fleet: FakeFleet) -> None:
    found = await ask(lambda c: c.nlp.explain("text", method="shapley", seed=-3, max_evaluations=9, picture="svg"))
    options = fleet.last.request.options
    assert (options.method, options.seed, options.max_evaluations) == ("shapley", -3, 9)
    assert [(token.token, token.attribution) for token in found.tokens] == [("dull", -0.25), ("Rome", 0.5)]
    assert found.tokens[0].span is None and found.tokens[1].span.character_end == 6
    assert (found.summary.method, found.summary.fidelity, found.summary.additivity_gap) == ("shapley", 0.4, None)
    assert found.summary.rendering.data == b"<svg/>"
    assert (await ask(lambda c: c.nlp.explain("text"))).summary.rendering is None


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda c: c.nlp.embed("a", overflow="cut"), "overflow is 'cut'; it must be one of 'truncate', 'window'"),
        (lambda c: c.nlp.embed("a", pooling="sum"), "pooling"),
        (lambda c: c.nlp.embed("a", normalize="yes"), "normalize"),
        (lambda c: c.nlp.explain("a", picture="png"), "picture"),
        (lambda c: c.nlp.explain("a", max_evaluations=-1), "max_evaluations"),
        (lambda c: c.nlp.explain(["a"]), "the text is str, not list"),
        (lambda c: c.nlp.rerank(1, ["a"]), "the query is str, not int"),
        (lambda c: c.nlp.rerank("a", "b"), "documents are a list of them, not str"),
        (lambda c: c.nlp.classify("a", labels="b"), "labels are a list of them, not str"),
        (lambda c: c.nlp.similarity([1]), "a text is str, not int"),
    ],
)
async def test_what_cannot_be_sent_is_refused_before_anything_is(
    ask: Ask, fleet: FakeFleet, call: object, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        await ask(call)  # type: ignore[arg-type]
    assert not fleet.asked


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.nlp.classify_tokens("text", model="m"),
        lambda c: c.nlp.similarity("text", model="m"),
        lambda c: c.nlp.rerank("text", ["a"], model="m"),
        lambda c: c.nlp.explain("text", model="m"),
    ],
)
async def test_every_method_names_its_model_in_metadata(ask: Ask, fleet: FakeFleet, call: object) -> None:
    await ask(call)  # type: ignore[arg-type]
    assert (fleet.last.metadata["x-model"], fleet.last.request.model) == ("m", "m")
