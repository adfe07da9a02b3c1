# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""NLP: tokenizers of other families than word pieces are used as they are: bytes, and pieces with their blanks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argosy.nlp.v1 import nlp_pb2 as pb
from argosy_worker.domains.nlp.service import DOMAIN, classify_tokens, explain, rerank
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from tests.unit.worker.domains.fakes import FakeCall, fake_call
from tests.unit.worker.domains.nlp_models import graph

TAGS = ("O", "B-x", "I-x", "B-y", "I-y")
TEXT = "\U0001f600 Ann in \u6771\u4eac"
Make = Callable[[], Tokenizer]


def bytewise() -> Tokenizer:
    """A tokenizer of bytes, as of GPT-2 and RoBERTa, that merges nothing."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {piece: number for number, piece in enumerate(["<s>", "<pad>", "</s>", *letters])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    return tokenizer


def sentencewise() -> Tokenizer:
    """A tokenizer of SentencePiece's kind, for which a whole text is one word."""
    pieces = ["<unk>", "\u2581", "\u2581Ann", "\u2581in", "\u6771", "\u4eac"]
    tokenizer = Tokenizer(models.Unigram([(piece, -1.0) for piece in pieces], unk_id=0))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(split=False)
    return tokenizer


def call_on(folder: Path, tokenizer: Tokenizer, run: Any, *methods: str, **section: Any) -> FakeCall:
    tokenizer.save(str(folder / "tokenizer.json"))
    settings = {"tokenizer": {"max_length": 40}, "labels": TAGS} | section
    return fake_call(DOMAIN, graph(folder, *methods, **settings), run)


@pytest.mark.parametrize("make", [bytewise, sentencewise])
async def test_entities_are_whole_letters_without_blanks(tmp_path: Path, make: Make) -> None:
    """Every token begins an entity: what comes out are letters, or pieces, and never a part of a letter."""

    def run(inputs: Any) -> Any:
        scores = np.zeros((*inputs["ids"].shape, len(TAGS)), np.float32)
        scores[..., 1] = 1
        return {"t": scores}

    section = {"output": "t", "activation": "none", "subwords": "each"}
    call = call_on(tmp_path, make(), run, "ClassifyTokens", classify_tokens=section)
    (result,) = (await classify_tokens(pb.ClassifyTokensRequest(texts=[TEXT]), call)).results
    for entity in result.entities:
        span = entity.span
        assert TEXT.encode()[span.byte_start : span.byte_end].decode() == entity.text == entity.text.strip()
        assert TEXT[span.character_start : span.character_end] == entity.text
    assert "".join(entity.text for entity in result.entities) == TEXT.replace(" ", "")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (bytewise, ["\U0001f600", "Ann", "in", "\u6771\u4eac"]),
        # A blank that the tokenizer puts before the text stands for the first letter too.
        (sentencewise, ["\U0001f600", "\U0001f600", "Ann", "in", "\u2581", "\u6771", "\u4eac"]),
    ],
)
async def test_explanations_are_about_words_or_pieces_of_the_text(tmp_path: Path, make: Make, words: list[str]) -> None:
    def run(inputs: Any) -> Any:
        return {"y": np.full((len(inputs["ids"]), 5), 0.2, np.float32)}

    call = call_on(tmp_path, make(), run, "Explain", classify={"output": "y"}, outputs={"y": (-1, 5)})
    response = await explain(pb.ExplainRequest(text=TEXT), call)
    assert [token.token for token in response.tokens] == words


async def test_a_pair_has_the_special_tokens_that_its_tokenizer_puts_between(tmp_path: Path) -> None:
    tokenizer = bytewise()
    call = call_on(
        tmp_path,
        tokenizer,
        lambda inputs: {"s": np.zeros((len(inputs["ids"]), 1), np.float32)},
        "Rerank",
        rerank={"output": "s"},
    )
    await rerank(pb.RerankRequest(query="an", documents=["in"]), call)
    assert call.ran[0]["ids"].tolist() == [tokenizer.encode("an", "in").ids]
    assert not call.ran[0]["types"].any()
