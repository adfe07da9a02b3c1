# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about texts: what to send and how to read the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from argosy.common.v1 import explanation_pb2
from argosy.nlp.v1 import nlp_pb2

from argosy_client.calls import Call, checked_model, checked_top_k, checked_version, expect
from argosy_client.domains import explanations
from argosy_client.domains.labels import embeddings, labels
from argosy_client.errors import bad_answer
from argosy_client.inputs import float_array
from argosy_client.results import Embeddings, Label, Timing
from argosy_client.text_results import (
    Entity,
    RankedDocument,
    RankedDocuments,
    Similarities,
    Span,
    TextEntities,
    TextExplanation,
    TextResult,
    TokenAttribution,
    Tokens,
)

SERVICE = "/argosy.nlp.v1.NlpService"
Texts = list[str] | tuple[str, ...]
#: What happens with texts that are longer than the model takes: they are cut, or read through windows that overlap.
Overflow = Literal["truncate", "window"]
#: How the vectors of tokens become the vector of a text.
Pooling = Literal["mean", "first", "max"]
#: Picture of an explanation.
Picture = Literal["svg", "html"]

K = TypeVar("K")
T = TypeVar("T")
_OVERFLOWS = {"truncate": nlp_pb2.OVERFLOW_TRUNCATE, "window": nlp_pb2.OVERFLOW_WINDOW}
_POOLINGS = {
    None: nlp_pb2.POOLING_UNSPECIFIED,
    "mean": nlp_pb2.POOLING_MEAN,
    "first": nlp_pb2.POOLING_FIRST,
    "max": nlp_pb2.POOLING_MAX,
}
_SCALINGS = {
    None: nlp_pb2.NORMALIZATION_UNSPECIFIED,
    False: nlp_pb2.NORMALIZATION_NONE,
    True: nlp_pb2.NORMALIZATION_L2,
}
_PICTURES = {
    None: explanation_pb2.RENDERING_FORMAT_UNSPECIFIED,
    "svg": explanation_pb2.RENDERING_FORMAT_SVG,
    "html": explanation_pb2.RENDERING_FORMAT_HTML,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Which model answers."""

    model: str | None
    version: str | int | None

    def fields(self) -> dict[str, str]:
        """The fields of a request that say so. Raises ValueError for a name that cannot be sent."""
        return {"model": checked_model(self.model), "version": checked_version(self.version)}


def classify_call(
    texts: Sequence[str], choice: Choice, top_k: int, overflow: Overflow, candidates: Sequence[str]
) -> Call[list[TextResult]]:
    """The call that classifies texts."""
    request = nlp_pb2.ClassifyRequest(
        **choice.fields(),
        texts=checked_texts(texts),
        top_k=checked_top_k(top_k),
        overflow=_chosen("overflow", overflow, _OVERFLOWS),
        candidate_labels=checked_texts(candidates, "labels"),
    )

    def read(answer: nlp_pb2.ClassifyResponse, timing: Timing) -> list[TextResult]:
        expect(answer.results, len(texts))
        return [
            TextResult(labels(one.labels), one.truncated, one.token_count, answer.model, answer.version, timing)
            for one in answer.results
        ]

    return Call(f"{SERVICE}/Classify", request, nlp_pb2.ClassifyResponse, read, request.model)


def embed_call(
    texts: Sequence[str], choice: Choice, overflow: Overflow, pooling: Pooling | None, normalize: bool | None
) -> Call[Embeddings]:
    """The call that embeds texts."""
    request = nlp_pb2.EmbedRequest(
        **choice.fields(),
        texts=checked_texts(texts),
        overflow=_chosen("overflow", overflow, _OVERFLOWS),
        pooling=_chosen("pooling", pooling, _POOLINGS),
        normalization=_chosen("normalize", normalize, _SCALINGS),
    )

    def read(answer: nlp_pb2.EmbedResponse, timing: Timing) -> Embeddings:
        return embeddings(answer.embeddings, len(texts), answer.model, answer.version, timing, answer.truncated)

    return Call(f"{SERVICE}/Embed", request, nlp_pb2.EmbedResponse, read, request.model)


def tokenize_call(texts: Sequence[str], choice: Choice) -> Call[list[Tokens]]:
    """The call that tokenizes texts."""
    request = nlp_pb2.TokenizeRequest(**choice.fields(), texts=checked_texts(texts))

    def read(answer: nlp_pb2.TokenizeResponse, timing: Timing) -> list[Tokens]:
        expect(answer.results, len(texts))
        return [
            Tokens(
                np.array(one.ids, dtype=np.int32),
                tuple(one.tokens),
                one.truncated,
                answer.model,
                answer.version,
                timing,
            )
            for one in answer.results
        ]

    return Call(f"{SERVICE}/Tokenize", request, nlp_pb2.TokenizeResponse, read, request.model)


def entities_call(texts: Sequence[str], choice: Choice, overflow: Overflow) -> Call[list[TextEntities]]:
    """The call that finds entities."""
    request = nlp_pb2.ClassifyTokensRequest(
        **choice.fields(), texts=checked_texts(texts), overflow=_chosen("overflow", overflow, _OVERFLOWS)
    )

    def read(answer: nlp_pb2.ClassifyTokensResponse, timing: Timing) -> list[TextEntities]:
        expect(answer.results, len(texts))
        return [
            TextEntities(
                tuple(
                    Entity(each.text, Label(each.label.label, each.label.index, each.label.score), _span(each.span))
                    for each in one.entities
                ),
                one.truncated,
                answer.model,
                answer.version,
                timing,
            )
            for one in answer.results
        ]

    return Call(f"{SERVICE}/ClassifyTokens", request, nlp_pb2.ClassifyTokensResponse, read, request.model)


def similarity_call(
    texts: Sequence[str], others: Sequence[str], choice: Choice, overflow: Overflow
) -> Call[Similarities]:
    """The call that compares texts."""
    request = nlp_pb2.SimilarityRequest(
        **choice.fields(),
        texts=checked_texts(texts),
        others=checked_texts(others, "others"),
        overflow=_chosen("overflow", overflow, _OVERFLOWS),
    )

    def read(answer: nlp_pb2.SimilarityResponse, timing: Timing) -> Similarities:
        values = float_array(answer.similarities)
        if values.shape != (len(texts), len(others) or len(texts)):
            raise bad_answer(f"the server sent similarities of shape {list(values.shape)} for {len(texts)} texts")
        return Similarities(values, answer.model, answer.version, timing)

    return Call(f"{SERVICE}/Similarity", request, nlp_pb2.SimilarityResponse, read, request.model)


def rerank_call(
    query: str, documents: Sequence[str], choice: Choice, top_k: int, overflow: Overflow
) -> Call[RankedDocuments]:
    """The call that orders documents."""
    request = nlp_pb2.RerankRequest(
        **choice.fields(),
        query=checked_text(query, "the query"),
        documents=checked_texts(documents, "documents"),
        top_k=checked_top_k(top_k),
        overflow=_chosen("overflow", overflow, _OVERFLOWS),
    )

    def read(answer: nlp_pb2.RerankResponse, timing: Timing) -> RankedDocuments:
        documents = tuple(RankedDocument(one.index, one.score) for one in answer.documents)
        return RankedDocuments(documents, answer.model, answer.version, timing)

    return Call(f"{SERVICE}/Rerank", request, nlp_pb2.RerankResponse, read, request.model)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be explained, how, and at what cost."""

    method: str
    target: str
    max_evaluations: int
    seed: int
    picture: Picture | None

    def message(self) -> explanation_pb2.ExplanationOptions:
        """The options of a request. Raises ValueError for what cannot be sent."""
        rendering = _chosen("picture", self.picture, _PICTURES)
        return explanations.options(self.method, self.target, self.max_evaluations, self.seed, rendering)


def explain_call(text: str, choice: Choice, wanted: Wanted, candidates: Sequence[str]) -> Call[TextExplanation]:
    """The call that explains a label."""
    request = nlp_pb2.ExplainRequest(
        **choice.fields(),
        text=checked_text(text, "the text"),
        options=wanted.message(),
        candidate_labels=checked_texts(candidates, "labels"),
    )

    def read(answer: nlp_pb2.ExplainResponse, timing: Timing) -> TextExplanation:
        tokens = tuple(
            TokenAttribution(one.token, _span(one.span) if one.HasField("span") else None, one.attribution)
            for one in answer.tokens
        )
        return TextExplanation(tokens, explanations.summary(answer.summary), answer.model, answer.version, timing)

    return Call(f"{SERVICE}/Explain", request, nlp_pb2.ExplainResponse, read, request.model)


def checked_text(text: str, what: str = "a text") -> str:
    """The text. Raises ValueError for anything else."""
    if not isinstance(text, str):
        raise ValueError(f"{what} is str, not {type(text).__name__}")
    return text


def checked_texts(texts: Sequence[str], what: str = "texts") -> Sequence[str]:
    """The texts. Raises ValueError for anything but a list of them."""
    if not isinstance(texts, list | tuple):
        start = "texts are one str or" if what == "texts" else f"{what} are"
        raise ValueError(f"{start} a list of them, not {type(texts).__name__}")
    for text in texts:
        checked_text(text)
    return texts


def many(texts: str | Texts) -> Sequence[str]:
    """A text as a list of one."""
    return [texts] if isinstance(texts, str) else texts


def _span(found: nlp_pb2.Span) -> Span:
    return Span(found.byte_start, found.byte_end, found.character_start, found.character_end)


def _chosen(what: str, value: K, ways: Mapping[K, T]) -> T:
    if value not in ways:
        known = ", ".join(repr(way) for way in ways)
        raise ValueError(f"{what} is {value!r}; it must be one of {known}")
    return ways[value]
