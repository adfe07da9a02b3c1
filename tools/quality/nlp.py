# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Models that read."""

from argosy_client import Argosy

from tools.quality.reading import Figures, Measure, in_parts, rows, share

#: Each file of samples, and the split that model.yaml calls it.
SPLITS = {"heldout.json": "held-out", "handwritten.json": "hand-written"}
TEXTS = 200


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


MEASURES: dict[str, Measure] = {"entities": entities, "sentences": sentences, "sentiment": sentiment}
