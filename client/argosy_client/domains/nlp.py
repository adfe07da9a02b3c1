# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Texts: classes, embeddings and tokens."""

from collections.abc import Sequence
from typing import overload

import numpy as np
from argosy.nlp.v1 import nlp_pb2

from argosy_client.aio_transport import AsyncTransport
from argosy_client.calls import Call, checked_model, checked_top_k, checked_version, expect, first
from argosy_client.domains.labels import embeddings, labels
from argosy_client.results import Embeddings, TextResult, Timing, Tokens
from argosy_client.transport import Transport

SERVICE = "/argosy.nlp.v1.NlpService"
Texts = list[str] | tuple[str, ...]


def classify_call(
    texts: Sequence[str], model: str | None, version: str | int | None, top_k: int
) -> Call[list[TextResult]]:
    """The call that classifies texts."""
    request = nlp_pb2.ClassifyRequest(
        model=checked_model(model),
        version=checked_version(version),
        texts=_checked(texts),
        top_k=checked_top_k(top_k),
    )

    def read(answer: nlp_pb2.ClassifyResponse, timing: Timing) -> list[TextResult]:
        expect(answer.results, len(texts))
        return [
            TextResult(labels(one.labels), one.truncated, one.token_count, answer.model, answer.version, timing)
            for one in answer.results
        ]

    return Call(f"{SERVICE}/Classify", request, nlp_pb2.ClassifyResponse, read, request.model)


def embed_call(texts: Sequence[str], model: str | None, version: str | int | None) -> Call[Embeddings]:
    """The call that embeds texts."""
    request = nlp_pb2.EmbedRequest(model=checked_model(model), version=checked_version(version), texts=_checked(texts))

    def read(answer: nlp_pb2.EmbedResponse, timing: Timing) -> Embeddings:
        return embeddings(answer.embeddings, len(texts), answer.model, answer.version, timing, answer.truncated)

    return Call(f"{SERVICE}/Embed", request, nlp_pb2.EmbedResponse, read, request.model)


def tokenize_call(texts: Sequence[str], model: str | None, version: str | int | None) -> Call[list[Tokens]]:
    """The call that tokenizes texts."""
    request = nlp_pb2.TokenizeRequest(
        model=checked_model(model), version=checked_version(version), texts=_checked(texts)
    )

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


def _checked(texts: Sequence[str]) -> Sequence[str]:
    if not isinstance(texts, list | tuple):
        raise ValueError(f"texts are one str or a list of them, not {type(texts).__name__}")
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(f"a text is str, not {type(text).__name__}")
    return texts


def _many(texts: str | Texts) -> Sequence[str]:
    return [texts] if isinstance(texts, str) else texts


class Nlp:
    """Answers questions about texts.

    Every method takes one text, or a list of texts for one call, and raises ArgosyError for a call that failed and
    ValueError for an input that cannot be sent.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @overload
    def classify(
        self,
        texts: str,
        *,
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> TextResult: ...
    @overload
    def classify(
        self,
        texts: Texts,
        *,
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> list[TextResult]: ...
    def classify(
        self,
        texts: str | Texts,
        *,
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> TextResult | list[TextResult]:
        """Classifies one text, or several in one call.

        Args:
            texts: A text, or a list of texts.
            model: Name of the model; None selects the default.
            version: Version number or label; None selects the default.
            top_k: Labels wanted for each text; 0 selects 5.
            timeout_s: Deadline in seconds; None selects the client's.

        Returns:
            One result for one text; a list for a list, in its order.
        """
        call = classify_call(_many(texts), model, version, top_k)
        if isinstance(texts, str):
            return self._transport.send(first(call), timeout_s)
        return self._transport.send(call, timeout_s)

    def embed(
        self,
        texts: str | Texts,
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> Embeddings:
        """Embeds one text or several; the result holds float32 vectors of shape [texts, dimensions]."""
        return self._transport.send(embed_call(_many(texts), model, version), timeout_s)

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
        call = tokenize_call(_many(texts), model, version)
        if isinstance(texts, str):
            return self._transport.send(first(call), timeout_s)
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
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> TextResult: ...
    @overload
    async def classify(
        self,
        texts: Texts,
        *,
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> list[TextResult]: ...
    async def classify(
        self,
        texts: str | Texts,
        *,
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> TextResult | list[TextResult]:
        """See Nlp.classify."""
        call = classify_call(_many(texts), model, version, top_k)
        if isinstance(texts, str):
            return await self._transport.send(first(call), timeout_s)
        return await self._transport.send(call, timeout_s)

    async def embed(
        self,
        texts: str | Texts,
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> Embeddings:
        """See Nlp.embed."""
        return await self._transport.send(embed_call(_many(texts), model, version), timeout_s)

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
        call = tokenize_call(_many(texts), model, version)
        if isinstance(texts, str):
            return await self._transport.send(first(call), timeout_s)
        return await self._transport.send(call, timeout_s)
