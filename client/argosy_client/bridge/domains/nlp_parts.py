# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the outputs of a model of texts are read for."""

import numpy as np

from argosy_client.bridge.graph import Value
from argosy_client.bridge.parts import Finder, Part
from argosy_client.bridge.plan import Facts

_VECTORS = ("embed", "pool", "hidden", "state", "vector")
_TAGS = ("tag", "logit")
_PAIRS = ("relevance", "rerank", "similarity")
#: Names that a tag outside of all entities usually has.
_OUTSIDE = ("O", "o", "OUTSIDE", "none", "NONE", "_")
#: No scheme of tags has as many; a vocabulary does.
_MOST_TAGS = 1000
_TEXTS = {"texts": ["A first text."]}


def _tags(facts: Facts) -> Part | str | None:
    """A row of scores for each token, and names for them."""
    value = next((one for one in facts.free(3) if not _is_vectors(one)), None)
    if value is None:
        return None
    width, tags = facts.width(value), facts.companions.labels
    shown = f"output '{value.name}' has {width} numbers for each token"
    if len(tags) != width:
        if not facts.told("ClassifyTokens") and not value.named(*_TAGS):
            return None
        if width > _MOST_TAGS:
            return f"{shown}, as many as a vocabulary: a language model, which no typed method serves"
        known = f", and {len(tags)} are named" if tags else ""
        return f"{shown}{known}: put their names into labels.txt, one a line in the graph's order, O for outside"
    outside = next((tag for tag in _OUTSIDE if tag in tags), "")
    if not outside:
        return f"{shown} with names, of which none is outside of all entities, such as O"
    prefixed = [tag.partition("-")[0] for tag in tags if tag != outside and tag[1:2] == "-"]
    if {*prefixed} - {"B", "I"}:
        return f"{shown}, and a tag begins with {min({*prefixed} - {'B', 'I'})}-; B-NAME and I-NAME are read"
    scheme = "bio" if len(prefixed) == len(tags) - 1 else "plain"
    rows = facts.given(value)
    if not rows.size:
        return facts.nothing(value)
    summed = bool(np.allclose(rows.sum(axis=-1), 1, atol=1e-3) and rows.min() >= 0)
    section = {"output": value.name, "activation": "none" if summed else "softmax", "scheme": scheme}
    return Part(
        ("ClassifyTokens",),
        f"{shown}, as many as there are names, {outside} among them",
        (value.name,),
        {"classify_tokens": {**section, "outside": outside, "subwords": "first"}},
        {"nlp.classify_tokens.subwords": "GUESSED: the first token's tag counts for the word; each for each token's"},
        tags,
        request=_TEXTS,
    )


def _pairs(facts: Facts) -> Part | str | None:
    """One score for two texts that are read together."""
    value = next((one for one in facts.free(2) if facts.width(one) == 1 and not _is_vectors(one)), None)
    if value is None:
        return None
    types = any(one.named("type", "segment") for one in facts.graph.inputs)
    shown = f"output '{value.name}' is one number"
    if not facts.told("Rerank"):
        if facts.told("Classify") or len(facts.labels(value)) == 2 or facts.asked.multi_label:
            return None
        if not types and not value.named(*_PAIRS) and facts.companions.tokenizer_kind != "huggingface":
            return None
    if facts.companions.tokenizer_kind != "huggingface":
        return f"{shown}, and pairs of texts need a tokenizer.json of Hugging Face"
    why = f"{shown}, and its inputs tell two texts apart" if types else shown
    # Few numbers of made-up texts may lie between 0 and 1 by chance: the operator tells more.
    inside = facts.graph.makers.get(value.name) == "Sigmoid"
    return Part(
        ("Rerank",),
        f"{why}: the score of a pair of texts (a cross-encoder)",
        (value.name,),
        {"rerank": {"output": value.name, "activation": "none" if inside else "sigmoid"}},
        {"nlp.rerank.activation": "none keeps the graph's own numbers; sigmoid puts them between 0 and 1"},
        request={"query": "A question.", "documents": ["A first text.", "Another text."]},
        notes=(
            f"'{value.name}' could also be the second of two classes of a single text: then put their names into "
            "labels.txt, or say --method Classify",
        ),
    )


def _classes(facts: Facts) -> Part | str | None:
    """A row of scores for each text."""
    value = next((one for one in facts.rows() if not _is_vectors(one) or facts.told("Classify")), None)
    if value is None:
        return None
    width, activation = facts.width(value), facts.activation(value)
    several = _several(facts, value)
    section: dict[str, object] = {"output": value.name, "activation": activation}
    comments = {"nlp.classify.activation": "by what the graph gave for the samples"}
    labels = facts.labels(value)
    notes: list[str] = []
    if several:
        rows = facts.given(value)
        inside = bool(((rows >= -1e-6) & (rows <= 1 + 1e-6)).all())
        section |= {"activation": "none" if inside else "sigmoid", "multi_label": True}
        comments["nlp.classify.multi_label"] = f"{several}; false where exactly one label is right"
        names = facts.companions.labels
        labels = names if len(names) == width else ()
    elif activation == "softmax":
        notes.append("where several labels can be right at a time, say --multi-label: a graph of logits does not tell")
    why = f"output '{value.name}' has {width} number{'s' * (width > 1)} for each text"
    if several:
        why += f", and labels do not exclude each other ({several})"
    if not labels:
        notes.append(f"the {width} classes have no names: put them into labels.txt beside the graph, one a line")
    return Part(
        ("Classify", "Explain"), why, (value.name,), {"classify": section}, comments, labels, {}, _TEXTS, tuple(notes)
    )


def _several(facts: Facts, value: Value) -> str:
    """Why labels do not exclude each other; empty where they do."""
    if facts.asked.multi_label is not None:
        return "as told" if facts.asked.multi_label else ""
    if facts.companions.settings.get("problem_type") == "multi_label_classification":
        return "config.json says so"
    rows = facts.given(value)
    if facts.width(value) > 1 and facts.graph.makers.get(value.name) == "Sigmoid":
        return "each number is a sigmoid of its own"
    if facts.width(value) > 1 and 0 < rows.min() <= rows.max() < 1 and facts.activation(value) != "none":
        return "its numbers lie between 0 and 1 and do not add up to 1"
    return ""


def _embeddings(facts: Facts) -> Part | str | None:
    """A vector for each text, or for each token."""
    pooled = next((one for one in facts.free(2) if _is_vectors(one)), None)
    tokens = next((one for one in facts.free(3)), None)
    rest = next((one for one in facts.free(2) if facts.width(one) > 1), None) if not facts.taken else None
    value = pooled or tokens or rest
    if value is None:
        return None
    told = facts.told("Embed", "Similarity", "Rerank")
    if value is tokens and not _is_vectors(value) and not told and (facts.taken or value.named(*_TAGS)):
        return None
    each = "token" if value is tokens else "text"
    pooling = "mean" if value is tokens else "none"
    comment = "GUESSED: the mean over real tokens; first for models that were trained on [CLS]"
    return Part(
        ("Embed", "Similarity", "Rerank"),
        f"output '{value.name}' is a vector of {facts.width(value)} numbers for each {each}",
        (value.name,),
        {"embed": {"output": value.name, "pooling": pooling, "normalize": True}},
        {"nlp.embed.pooling": comment} if value is tokens else {},
        request=_TEXTS,
    )


def _tokenize(facts: Facts) -> Part | str | None:
    """Every tokenizer tokenizes."""
    return Part(("Tokenize",), "", request=_TEXTS)


def _is_vectors(value: Value) -> bool:
    return value.named(*_VECTORS)


FINDERS = (
    Finder(("ClassifyTokens",), "an output [batch, tokens, tags] and the names of the tags in labels.txt", _tags),
    Finder(("Rerank",), "an output [batch, 1]", _pairs),
    Finder(("Classify", "Explain"), "an output [batch, classes]", _classes),
    Finder(("Embed", "Similarity", "Rerank"), "an output of vectors for each text or token", _embeddings),
    Finder(("Tokenize",), "", _tokenize),
)
