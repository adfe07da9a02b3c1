# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""all-MiniLM-L6-v2 as a check with a model of the real world, where ``make models-extra`` has made it."""

from collections.abc import Iterator

import numpy as np
import onnxruntime
import pytest
from argosy_client import Argosy
from numpy.typing import NDArray
from tokenizers import Tokenizer

from tests.support.fleet import MODELS
from tests.support.worker import run_worker

MINILM = MODELS / "nlp/minilm"

pytestmark = pytest.mark.skipif(
    not (MINILM / "1/model.onnx").exists(),
    reason="models/nlp/minilm is not there (90 MB, not checked in): make models-extra",
)

#: A sentence, one that says the same in other words, and others about the same things or with the same words.
PARAPHRASES = [
    ("How can I reset my password?", "I forgot my login and need a new one."),
    ("The cat sleeps on the sofa.", "A kitten is napping on the couch."),
    ("Shares fell sharply after the announcement.", "The stock price dropped a lot following the news."),
    ("A man is playing a guitar on stage.", "Someone performs music with a string instrument at a concert."),
    ("The doctor prescribed antibiotics.", "The physician gave the patient medicine against the infection."),
    ("It rained all weekend.", "The weather was wet on Saturday and Sunday."),
]
LONG = "The harbour is quiet in the morning, and the ships wait for the tide. " * 40


@pytest.fixture(scope="module")
def argosy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Argosy]:
    """A client of a worker with this model alone."""
    repository = tmp_path_factory.mktemp("repository")
    (repository / "minilm").symlink_to(MINILM)
    with (
        run_worker("nlp", repository, wait_for=["model/minilm"]) as worker,
        Argosy(worker.address, timeout_s=60) as client,
    ):
        yield client


def bare(texts: list[str]) -> NDArray[np.float32]:
    """Vectors [texts, 384] by ONNX Runtime and tokenizers alone: the mean over each text's tokens, length 1."""
    tokenizer = Tokenizer.from_file(str(MINILM / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    session = onnxruntime.InferenceSession(MINILM / "1/model.onnx", providers=["CPUExecutionProvider"])
    vectors = []
    for text in texts:
        ids = np.array([tokenizer.encode(text).ids])
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        mean = session.run(["last_hidden_state"], feed)[0][0].mean(axis=0)
        vectors.append(mean / np.linalg.norm(mean))
    return np.array(vectors)


def test_embeddings_equal_those_of_bare_onnx_runtime_with_mean_pooling(argosy: Argosy) -> None:
    texts = [text for pair in PARAPHRASES for text in pair] + [LONG, "a", "caf\u00e9 \U0001f600"]
    answer = argosy.nlp.embed(texts, model="minilm")
    assert np.abs(np.asarray(answer) - bare(texts)).max() < 1e-4
    assert answer.truncated == (*[False] * 12, True, False, False)


def test_paraphrases_rank_first(argosy: Argosy) -> None:
    documents = [other for _, other in PARAPHRASES]
    for number, (query, _) in enumerate(PARAPHRASES):
        assert argosy.nlp.rerank(query, documents, model="minilm").documents[0].index == number


def test_a_long_text_read_through_windows_is_close_to_what_each_part_says(argosy: Argosy) -> None:
    windows = argosy.nlp.similarity([LONG], [LONG[:70]], model="minilm", overflow="window")
    assert 0.7 < np.asarray(windows)[0, 0] <= 1


def test_topics_that_nobody_trained_are_told_apart(argosy: Argosy) -> None:
    texts = ["The goalkeeper saved a penalty.", "Bake the cake for forty minutes.", "The central bank raised its rate."]
    results = argosy.nlp.classify(texts, model="minilm", labels=["cooking", "finance", "sport"])
    assert [result.best.label for result in results] == ["sport", "cooking", "finance"]
