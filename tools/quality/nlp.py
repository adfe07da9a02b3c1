# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Models that read."""

import numpy as np
from argosy_client import Argosy

from examples.training.ranking_metrics import ndcg
from tools.quality.reading import Figures, Measure, in_parts, rows, share

#: Each file of samples, and the split that model.yaml calls it.
SPLITS = {"heldout.json": "held-out", "handwritten.json": "hand-written"}
TEXTS = 200
RANKS = 10
#: A topic counts as named from this probability on; there are fewer than so many.
THRESHOLD, MOST_TOPICS = 0.5, 100


def sentiment(argosy: Argosy) -> Figures:
    """Accuracy on generated and on hand-written reviews."""
    return {("accuracy", split): _accuracy(argosy, f"nlp/sentiment/{file}") for file, split in SPLITS.items()}


def _accuracy(argosy: Argosy, path: str) -> float:
    samples = rows(path)
    texts = [row["text"] for row in samples]
    results = in_parts(texts, TEXTS, lambda part: argosy.nlp.classify(part, model="sentiment"))
    return share([result.best.label == row["label"] for result, row in zip(results, samples, strict=True)])


def entities(argosy: Argosy) -> Figures:
    """F1 of whole spans on generated and on hand-written messages."""
    return {("span_f1", split): _span_f1(argosy, f"nlp/entities/{file}") for file, split in SPLITS.items()}


def _span_f1(argosy: Argosy, path: str) -> float:
    samples = rows(path)
    texts = [row["text"] for row in samples]
    results = in_parts(texts, TEXTS, lambda part: argosy.nlp.classify_tokens(part, model="entities"))
    found = {
        (number, each.label.label, each.span.character_start, each.span.character_end)
        for number, result in enumerate(results)
        for each in result
    }
    wanted = {
        (number, each["kind"], each["start"], each["end"])
        for number, row in enumerate(samples)
        for each in row["entities"]
    }
    return 2 * len(found & wanted) / (len(found) + len(wanted))


def sentences(argosy: Argosy) -> Figures:
    """How often the sentence of one meaning is found, and the topic among labels of the request."""
    samples = rows("nlp/sentences/heldout.json")
    documents = [row["document"] for row in samples]
    ranked = [argosy.nlp.rerank(row["query"], documents, model="sentences", top_k=1) for row in samples]
    topics = list(dict.fromkeys(row["topic"] for row in samples))
    results = argosy.nlp.classify([row["query"] for row in samples], model="sentences", labels=topics)
    right = [result.best.label == row["topic"] for result, row in zip(results, samples, strict=True)]
    return {
        ("retrieval_accuracy", "held-out"): share(
            [found.documents[0].index == number for number, found in enumerate(ranked)]
        ),
        ("zero_shot_accuracy", "held-out"): share(right),
    }


def topics(argosy: Argosy) -> Figures:
    """F1 over all pairs of a message and a topic."""
    return {("micro_f1", split): _micro_f1(argosy, f"nlp/topics/{file}") for file, split in SPLITS.items()}


def _micro_f1(argosy: Argosy, path: str) -> float:
    samples = rows(path)
    texts = [row["text"] for row in samples]
    results = in_parts(texts, TEXTS, lambda part: argosy.nlp.classify(part, model="topics", top_k=MOST_TOPICS))
    named = [{label.label for label in result.labels if label.score >= THRESHOLD} for result in results]
    both = sum(len(found & {*row["topics"]}) for found, row in zip(named, samples, strict=True))
    return 2 * both / sum(len(found) + len(row["topics"]) for found, row in zip(named, samples, strict=True))


def relevance(argosy: Argosy) -> Figures:
    """How far up the relevant documents of each query are."""
    found = []
    for row in rows("nlp/relevance/heldout.json"):
        ranked = argosy.nlp.rerank(row["query"], row["documents"], model="relevance").documents
        scores = np.zeros(len(row["documents"]))
        scores[[each.index for each in ranked]] = [each.score for each in ranked]
        found.append(ndcg(scores, row["grades"], RANKS))
    return {("ndcg_at_10", "held-out"): share(found)}


MEASURES: dict[str, Measure] = {
    "entities": entities,
    "relevance": relevance,
    "sentences": sentences,
    "sentiment": sentiment,
    "topics": topics,
}
