# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Texts: classes, entities, embeddings, tokens, comparisons and explanations."""

from collections.abc import Sequence
from typing import overload

from argosy_client.aio_transport import AsyncTransport
from argosy_client.calls import first
from argosy_client.domains.nlp_calls import (
    Choice,
    Overflow,
    Picture,
    Pooling,
    Texts,
    Wanted,
    classify_call,
    embed_call,
    entities_call,
    explain_call,
    many,
    rerank_call,
    similarity_call,
    tokenize_call,
)
from argosy_client.results import Embeddings
from argosy_client.text_results import RankedDocuments, Similarities, TextEntities, TextExplanation, TextResult, Tokens
from argosy_client.transport import Transport


class Nlp:
    """Answers questions about texts.

    Most methods take one text, or a list of texts for one call. All raise ArgosyError for a call that failed and
    ValueError for an input that cannot be sent.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @overload
    def classify(
        self,
        texts: str,
        *,
        top_k: int = 0,
        overflow: Overflow = "truncate",
        labels: Sequence[str] = (),
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TextResult: ...
    @overload
    def classify(
        self,
        texts: Texts,
        *,
        top_k: int = 0,
        overflow: Overflow = "truncate",
        labels: Sequence[str] = (),
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> list[TextResult]: ...
    def classify(
        self,
        texts: str | Texts,
        *,
        top_k: int = 0,
        overflow: Overflow = "truncate",
        labels: Sequence[str] = (),
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TextResult | list[TextResult]:
        """Classifies one text, or several in one call.

        Args:
            texts: A text, or a list of texts.
            model: Name of the model; None selects the default.
            version: Version number or label; None selects the default.
            top_k: Labels wanted for each text; 0 selects 5.
            overflow: "truncate" cuts texts that are longer than the model takes; "window" reads them through windows
                and averages their labels.
            labels: Labels to choose from, for a model that classifies by given labels.
            timeout_s: Deadline in seconds; None selects the client's.

        Returns:
            One result for one text; a list for a list, in its order.
        """
        call = classify_call(many(texts), Choice(model, version), top_k, overflow, labels)
        if isinstance(texts, str):
            return self._transport.send(first(call), timeout_s)
        return self._transport.send(call, timeout_s)

    @overload
    def classify_tokens(
        self,
        texts: str,
        *,
        overflow: Overflow = "truncate",
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TextEntities: ...
    @overload
    def classify_tokens(
        self,
        texts: Texts,
        *,
        overflow: Overflow = "truncate",
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> list[TextEntities]: ...
    def classify_tokens(
        self,
        texts: str | Texts,
        *,
        overflow: Overflow = "truncate",
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TextEntities | list[TextEntities]:
        """Finds the parts of one text, or of several, that name something; arguments as in classify."""
        call = entities_call(many(texts), Choice(model, version), overflow)
        if isinstance(texts, str):
            return self._transport.send(first(call), timeout_s)
        return self._transport.send(call, timeout_s)

    def embed(
        self,
        texts: str | Texts,
        *,
        overflow: Overflow = "truncate",
        pooling: Pooling | None = None,
        normalize: bool | None = None,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> Embeddings:
        """Embeds one text or several; the result holds float32 vectors of shape [texts, dimensions].

        Args:
            texts: A text, or a list of texts.
            model: Name of the model; None selects the default.
            version: Version number or label; None selects the default.
            overflow: What happens with long texts; "window" averages the vectors of windows.
            pooling: How the vectors of tokens become one; None is what the model declares.
            normalize: Whether vectors are scaled to length 1; None is what the model declares.
            timeout_s: Deadline in seconds; None selects the client's.
        """
        call = embed_call(many(texts), Choice(model, version), overflow, pooling, normalize)
        return self._transport.send(call, timeout_s)

    @overload
    def tokenize(
        self,
        texts: str,
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> Tokens: ...
    @overload
    def tokenize(
        self,
        texts: Texts,
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> list[Tokens]: ...
    def tokenize(
        self,
        texts: str | Texts,
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> Tokens | list[Tokens]:
        """Splits one text, or several, into the tokens that the model sees."""
        call = tokenize_call(many(texts), Choice(model, version))
        if isinstance(texts, str):
            return self._transport.send(first(call), timeout_s)
        return self._transport.send(call, timeout_s)

    def similarity(
        self,
        texts: str | Texts,
        others: Texts = (),
        *,
        overflow: Overflow = "truncate",
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> Similarities:
        """Compares texts with others, or with each other where no others are given; other arguments as in classify.

        Returns:
            Cosine similarities, float32 of shape [texts, others].
        """
        call = similarity_call(many(texts), others, Choice(model, version), overflow)
        return self._transport.send(call, timeout_s)

    def rerank(
        self,
        query: str,
        documents: Texts,
        *,
        top_k: int = 0,
        overflow: Overflow = "truncate",
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> RankedDocuments:
        """Orders documents by how well they answer a query, best first.

        Args:
            query: The query.
            documents: The documents.
            model: Name of the model; None selects the default.
            version: Version number or label; None selects the default.
            top_k: Documents wanted; 0 selects all of them.
            overflow: What happens with long texts.
            timeout_s: Deadline in seconds; None selects the client's.
        """
        call = rerank_call(query, documents, Choice(model, version), top_k, overflow)
        return self._transport.send(call, timeout_s)

    def explain(
        self,
        text: str,
        *,
        method: str = "",
        target: str = "",
        max_evaluations: int = 0,
        seed: int = 0,
        picture: Picture | None = None,
        labels: Sequence[str] = (),
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TextExplanation:
        """Explains which words of a text its label rests on.

        Args:
            text: The text.
            method: "erasure" of words, the default, or "shapley".
            target: Label that is explained; the best one where empty.
            max_evaluations: Altered texts on which the model runs; 0 selects the method's default.
            seed: Seed of random choices; the same request with the same seed gives the same explanation.
            picture: Picture wanted beside the numbers.
            labels: Labels to choose from, for a model that classifies by given labels.
            model: Name of the model; None selects the default.
            version: Version number or label; None selects the default.
            timeout_s: Deadline in seconds; None selects the client's.
        """
        call = explain_call(
            text, Choice(model, version), Wanted(method, target, max_evaluations, seed, picture), labels
        )
        return self._transport.send(call, timeout_s)


class AsyncNlp:
    """Nlp for asyncio: the same methods, awaited."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    @overload
    async def classify(
        self,
        texts: str,
        *,
        top_k: int = 0,
        overflow: Overflow = "truncate",
        labels: Sequence[str] = (),
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TextResult: ...
    @overload
    async def classify(
        self,
        texts: Texts,
        *,
        top_k: int = 0,
        overflow: Overflow = "truncate",
        labels: Sequence[str] = (),
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> list[TextResult]: ...
    async def classify(
        self,
        texts: str | Texts,
        *,
        top_k: int = 0,
        overflow: Overflow = "truncate",
        labels: Sequence[str] = (),
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TextResult | list[TextResult]:
        """See Nlp.classify."""
        call = classify_call(many(texts), Choice(model, version), top_k, overflow, labels)
        if isinstance(texts, str):
            return await self._transport.send(first(call), timeout_s)
        return await self._transport.send(call, timeout_s)

    @overload
    async def classify_tokens(
        self,
        texts: str,
        *,
        overflow: Overflow = "truncate",
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TextEntities: ...
    @overload
    async def classify_tokens(
        self,
        texts: Texts,
        *,
        overflow: Overflow = "truncate",
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> list[TextEntities]: ...
    async def classify_tokens(
        self,
        texts: str | Texts,
        *,
        overflow: Overflow = "truncate",
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TextEntities | list[TextEntities]:
        """See Nlp.classify_tokens."""
        call = entities_call(many(texts), Choice(model, version), overflow)
        if isinstance(texts, str):
            return await self._transport.send(first(call), timeout_s)
        return await self._transport.send(call, timeout_s)

    async def embed(
        self,
        texts: str | Texts,
        *,
        overflow: Overflow = "truncate",
        pooling: Pooling | None = None,
        normalize: bool | None = None,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> Embeddings:
        """See Nlp.embed."""
        call = embed_call(many(texts), Choice(model, version), overflow, pooling, normalize)
        return await self._transport.send(call, timeout_s)

    @overload
    async def tokenize(
        self,
        texts: str,
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> Tokens: ...
    @overload
    async def tokenize(
        self,
        texts: Texts,
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> list[Tokens]: ...
    async def tokenize(
        self,
        texts: str | Texts,
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> Tokens | list[Tokens]:
        """See Nlp.tokenize."""
        call = tokenize_call(many(texts), Choice(model, version))
        if isinstance(texts, str):
            return await self._transport.send(first(call), timeout_s)
        return await self._transport.send(call, timeout_s)

    async def similarity(
        self,
        texts: str | Texts,
        others: Texts = (),
        *,
        overflow: Overflow = "truncate",
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> Similarities:
        """See Nlp.similarity."""
        call = similarity_call(many(texts), others, Choice(model, version), overflow)
        return await self._transport.send(call, timeout_s)

    async def rerank(
        self,
        query: str,
        documents: Texts,
        *,
        top_k: int = 0,
        overflow: Overflow = "truncate",
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> RankedDocuments:
        """See Nlp.rerank."""
        call = rerank_call(query, documents, Choice(model, version), top_k, overflow)
        return await self._transport.send(call, timeout_s)

    async def explain(
        self,
        text: str,
        *,
        method: str = "",
        target: str = "",
        max_evaluations: int = 0,
        seed: int = 0,
        picture: Picture | None = None,
        labels: Sequence[str] = (),
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TextExplanation:
        """See Nlp.explain."""
        call = explain_call(
            text, Choice(model, version), Wanted(method, target, max_evaluations, seed, picture), labels
        )
        return await self._transport.send(call, timeout_s)
