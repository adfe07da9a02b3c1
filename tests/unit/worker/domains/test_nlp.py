# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""NLP: texts to token ids, padded and masked, and what is made of the outputs."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tokenizers
from argosy.nlp.v1 import nlp_pb2 as pb
from argosy_worker.domains.nlp.service import DOMAIN, classify, embed, tokenize
from argosy_worker.lifecycle.domain import LoadedGraph
from tokenizers import models, pre_tokenizers, processors

from tests.unit.worker.domains.fakes import FakeCall, Specs, assert_invalid, fake_call, loaded, refusal, same_for_each

WORDS = {"<OOV>": 1, "good": 2, "bad": 3, "film": 4, "rare": 5}
INPUTS: Specs = {"ids": ("INT64", (-1, -1))}
OUTPUTS: Specs = {"y": (-1, 2), "v": (-1, -1, 2)}


def write_keras(folder: Path, **changes: Any) -> None:
    config = {"num_words": 5, "filters": "!,", "lower": True, "split": " ", "oov_token": "<OOV>"}
    config |= {"word_index": json.dumps(WORDS)} | changes
    (folder / "tokenizer.json").write_text(json.dumps({"class_name": "Tokenizer", "config": config}))


def write_huggingface(folder: Path) -> None:
    words = {"[PAD]": 0, "[CLS]": 1, "[SEP]": 2, "[UNK]": 3, "good": 4, "bad": 5, "film": 6}
    tokenizer = tokenizers.Tokenizer(models.WordLevel(words, unk_token="[UNK]"))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    tokenizer.enable_padding(length=50)
    tokenizer.enable_truncation(2)
    tokenizer.save(str(folder / "tokenizer.json"))


def graph(folder: Path, inputs: Specs = INPUTS, outputs: Specs = OUTPUTS, **changes: Any) -> LoadedGraph:
    settings = {"file": "tokenizer.json", "kind": "keras", "max_length": 4} | changes.pop("tokenizer", {})
    section = {
        "tokenizer": settings,
        "input_ids": "ids",
        "classify": {"output": "y"},
        "embed": {"output": "v", "pooling": "mean"},
    }
    config = {"methods": ["Classify", "Embed", "Tokenize"], "max_items": 3, "nlp": section | changes}
    return loaded(config, inputs, outputs, ["no", "yes"], folder)


def keras(folder: Path, *, words: dict[str, Any] | None = None, **changes: Any) -> FakeCall:
    write_keras(folder, **(words or {}))
    return fake_call(DOMAIN, graph(folder, **changes), same_for_each([0.25, 0.75], "y"))


def huggingface(folder: Path, **tokenizer: Any) -> FakeCall:
    write_huggingface(folder)
    changes = graph(folder, tokenizer={"kind": "huggingface"} | tokenizer)
    return fake_call(DOMAIN, changes, same_for_each([0.25, 0.75], "y"))


async def tokens(call: FakeCall, *texts: str) -> list[tuple[list[int], list[str], bool]]:
    response = await tokenize(pb.TokenizeRequest(texts=texts), call)
    return [(list(result.ids), list(result.tokens), result.truncated) for result in response.results]


async def padded(call: FakeCall, *texts: str) -> Any:
    await classify(pb.ClassifyRequest(texts=texts), call)
    return call.ran[-1]["ids"].tolist()


async def test_keras_words_are_lowered_filtered_and_looked_up(tmp_path: Path) -> None:
    assert await tokens(keras(tmp_path), "Good,FILM!  bad") == [([2, 4, 3], ["good", "film", "bad"], False)]


async def test_keras_unknown_and_rare_words_have_the_unknown_id(tmp_path: Path) -> None:
    assert await tokens(keras(tmp_path), "good \U0001f600 rare") == [([2, 1, 1], ["good", "<OOV>", "<OOV>"], False)]


async def test_keras_without_an_unknown_token_drops_unknown_words(tmp_path: Path) -> None:
    call = keras(tmp_path, words={"oov_token": None})
    assert await tokens(call, "good rare \U0001f600 film") == [([2, 4], ["good", "film"], False)]


async def test_keras_without_a_limit_knows_rare_words(tmp_path: Path) -> None:
    call = keras(tmp_path, words={"num_words": None, "word_index": WORDS})
    assert await tokens(call, "rare") == [([5], ["rare"], False)]


async def test_keras_may_keep_case_and_split_characters(tmp_path: Path) -> None:
    assert (await tokens(keras(tmp_path, words={"lower": False}), "Good"))[0][0] == [1]
    call = keras(tmp_path, words={"char_level": True, "word_index": {"a": 2, "b": 3}, "oov_token": None})
    assert (await tokens(call, "Ab a"))[0][0] == [2, 3, 2]


@pytest.mark.parametrize(("side", "expected"), [("right", [2, 3, 4, 2]), ("left", [3, 4, 2, 3])])
async def test_long_texts_are_cut_and_the_answer_says_so(tmp_path: Path, side: str, expected: list[int]) -> None:
    call = keras(tmp_path, tokenizer={"truncation_side": side})

    response = await classify(pb.ClassifyRequest(texts=["good bad film good bad", "film"]), call)

    assert call.only_input.tolist()[0] == expected
    assert [(result.truncated, result.token_count) for result in response.results] == [(True, 4), (False, 1)]


@pytest.mark.parametrize(("side", "expected"), [("right", [[2, 3, 9, 9]]), ("left", [[9, 9, 2, 3]])])
async def test_texts_are_padded_to_the_models_length(tmp_path: Path, side: str, expected: Any) -> None:
    call = keras(tmp_path, tokenizer={"padding_side": side, "pad_id": 9})
    assert await padded(call, "good bad") == expected


async def test_texts_may_be_padded_to_the_longest(tmp_path: Path) -> None:
    call = keras(tmp_path, tokenizer={"padding": "longest"})
    assert await padded(call, "good bad", "film") == [[2, 3], [4, 0]]


async def test_ids_have_the_type_that_the_graph_wants(tmp_path: Path) -> None:
    call = keras(tmp_path, inputs={"ids": ("FP32", (-1, 4))})
    await padded(call, "good")
    assert call.only_input.dtype == np.float32


async def test_mask_and_types_are_made_where_the_graph_wants_them(tmp_path: Path) -> None:
    inputs: Specs = {"ids": ("INT64", (-1, 4)), "mask": ("INT32", (-1, 4)), "types": ("INT64", (-1, 4))}
    call = keras(tmp_path, inputs=inputs, attention_mask="mask", token_type_ids="types")  # noqa: S106
    await padded(call, "good bad", "film")
    assert call.ran[0]["mask"].tolist() == [[1, 1, 0, 0], [1, 0, 0, 0]]
    assert call.ran[0]["mask"].dtype == np.int32
    assert call.ran[0]["types"].tolist() == [[0] * 4] * 2


async def test_a_text_without_any_token_is_all_padding_and_answered(tmp_path: Path) -> None:
    call = keras(tmp_path, words={"oov_token": None}, tokenizer={"padding": "longest"})

    response = await classify(pb.ClassifyRequest(texts=["???"]), call)

    assert call.only_input.tolist() == [[0]]
    assert response.results[0].token_count == 0
    assert response.results[0].labels[0].label == "yes"


async def test_huggingface_keeps_special_tokens_when_it_cuts(tmp_path: Path) -> None:
    assert await tokens(huggingface(tmp_path), "good film", "bad bad bad bad") == [
        ([1, 4, 6, 2], ["[CLS]", "good", "film", "[SEP]"], False),
        ([1, 5, 5, 2], ["[CLS]", "bad", "bad", "[SEP]"], True),
    ]


async def test_huggingface_may_cut_on_the_left(tmp_path: Path) -> None:
    call = huggingface(tmp_path, truncation_side="left")
    assert (await tokens(call, "bad good film"))[0][0] == [1, 4, 6, 2]


async def test_huggingface_pads_as_the_model_says_not_as_its_file_does(tmp_path: Path) -> None:
    call = huggingface(tmp_path, padding="longest", max_length=10)
    assert await padded(call, "good \U0001f600", "bad") == [[1, 4, 3, 2], [1, 5, 2, 0]]


async def test_tokenize_does_not_run_the_engine(tmp_path: Path) -> None:
    call = keras(tmp_path)
    await tokens(call, "good")
    assert not call.ran


async def test_embeddings_count_real_tokens_only(tmp_path: Path) -> None:
    write_keras(tmp_path)
    vectors = np.array([[[2, 4], [4, 8], [9, 9], [9, 9]]], np.float32)
    call = fake_call(DOMAIN, graph(tmp_path), {"v": vectors})

    response = await embed(pb.EmbedRequest(texts=["good film"]), call)

    assert list(response.embeddings.shape) == [1, 2]
    assert np.frombuffer(response.embeddings.data, "<f4").tolist() == [3, 6]
    assert list(response.truncated) == [False]


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("pooling", ["mean", "first"])
async def test_the_embedding_of_no_token_is_finite(tmp_path: Path, side: str, pooling: str) -> None:
    write_keras(tmp_path, oov_token=None)
    section = {"output": "v", "pooling": pooling, "normalize": True}
    model = graph(tmp_path, tokenizer={"padding_side": side}, embed=section)
    call = fake_call(DOMAIN, model, {"v": np.ones((1, 4, 2), np.float32)})

    response = await embed(pb.EmbedRequest(texts=["???"]), call)

    assert np.isfinite(np.frombuffer(response.embeddings.data, "<f4")).all()


async def test_labels_come_with_the_wanted_count(tmp_path: Path) -> None:
    response = await classify(pb.ClassifyRequest(texts=["good"], top_k=1), keras(tmp_path))
    assert [(label.label, label.score) for label in response.results[0].labels] == [("yes", 0.75)]


async def test_decoding_is_weighed_by_the_bytes_of_the_texts(tmp_path: Path) -> None:
    call = keras(tmp_path)
    await padded(call, "abc", "\U0001f600")
    assert call.payloads == [7]


@pytest.mark.parametrize(
    ("texts", "reason", "metadata"),
    [
        ([], "NO_ITEMS", {}),
        (["good"] * 4, "TOO_MANY_ITEMS", {"count": "4", "limit": "3"}),
        (["good", ""], "TEXT_EMPTY", {"index": "1"}),
        ([" \t\n\u2003"], "TEXT_EMPTY", {"index": "0"}),
        (["a" * 100_001], "TEXT_TOO_LONG", {"index": "0", "bytes": "100001"}),
        (["good", "\u00e9" * 50_001], "TEXT_TOO_LONG", {"index": "1", "bytes": "100002"}),
    ],
)
async def test_bad_texts_are_refused_by_every_method(
    tmp_path: Path, texts: list[str], reason: str, metadata: dict[str, str]
) -> None:
    call = keras(tmp_path)
    for answer in (
        classify(pb.ClassifyRequest(texts=texts), call),
        embed(pb.EmbedRequest(texts=texts), call),
        tokenize(pb.TokenizeRequest(texts=texts), call),
    ):
        error = await refusal(answer)
        assert error.reason == reason
        assert metadata.items() <= error.metadata.items()


async def test_the_longest_text_is_accepted(tmp_path: Path) -> None:
    assert (await tokens(keras(tmp_path), "a" * 100_000))[0][0] == [1]


async def test_a_negative_top_k_is_refused(tmp_path: Path) -> None:
    error = await refusal(classify(pb.ClassifyRequest(texts=["good"], top_k=-1), keras(tmp_path)))
    assert error.reason == "TOP_K_NEGATIVE"


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"classify": None}, "nlp.classify: must be set for the method Classify"),
        ({"embed": None}, "nlp.embed: must be set for the method Embed"),
        ({"classify": {"output": "z"}}, "nlp.classify.output"),
        ({"embed": {"output": "v"}}, "nlp.embed.output"),
        ({"input_ids": "z"}, "nlp.input_ids"),
        ({"attention_mask": "z"}, "nlp.attention_mask"),
        ({"attention_mask": "ids"}, "different inputs"),
        ({"inputs": {"ids": ("INT64", (-1, 4)), "more": (-1, 4)}}, "'more'"),
        ({"inputs": {"ids": ("INT64", (-1, 9))}}, "nlp.tokenizer.max_length: must be 9"),
        ({"inputs": {"ids": ("INT64", (-1, 4))}, "tokenizer": {"padding": "longest"}}, "nlp.tokenizer.padding"),
        ({"inputs": {"ids": ("INT64", (-1,))}}, "nlp.input_ids"),
        ({"tokenizer": {"file": "absent.json"}}, "absent.json"),
        ({"tokenizer": {"kind": "huggingface"}}, "nlp.tokenizer.file: is not a tokenizer.json"),
        ({"outputs": {"y": (-1, 3), "v": (-1, -1, 2)}}, "labels_file"),
    ],
)
def test_a_model_that_does_not_fit_its_graph_is_refused(tmp_path: Path, changes: Any, part: str) -> None:
    write_keras(tmp_path)
    assert_invalid(DOMAIN, graph(tmp_path, **changes), part)


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("{", "is not JSON"),
        ("[]", "no object `config`"),
        ('{"config": {}}', "config.word_index"),
        ('{"config": {"word_index": "{"}}', "config.word_index is not JSON"),
        ('{"config": {"word_index": {"a": "b"}}}', "config.word_index"),
        ('{"config": {"word_index": {"a": -1}}}', "config.word_index"),
        ('{"config": {"word_index": {"a": 1}, "oov_token": "z"}}', "config.oov_token 'z'"),
        ('{"config": {"word_index": {"a": 1}, "num_words": "5"}}', "config.num_words"),
        ('{"config": {"word_index": {"a": 1}, "split": ""}}', "config.split"),
    ],
)
def test_a_keras_tokenizer_that_is_damaged_is_refused(tmp_path: Path, content: str, part: str) -> None:
    (tmp_path / "tokenizer.json").write_text(content)
    assert_invalid(DOMAIN, graph(tmp_path), "nlp.tokenizer.file", part)


def test_a_length_without_room_for_special_tokens_is_refused(tmp_path: Path) -> None:
    write_huggingface(tmp_path)
    settings = {"kind": "huggingface", "max_length": 2}
    assert_invalid(DOMAIN, graph(tmp_path, tokenizer=settings), "nlp.tokenizer.max_length", "2 special tokens")


def test_a_missing_tokenizers_library_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_huggingface(tmp_path)
    monkeypatch.delitem(sys.modules, "argosy_worker.domains.nlp.huggingface", raising=False)
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    assert_invalid(DOMAIN, graph(tmp_path, tokenizer={"kind": "huggingface"}), "pip install 'argosy[nlp]'")
