# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Vectors of texts, and what comparing them tells."""

from typing import Any

import numpy as np
from argosy.common.v1.tensor_pb2 import Tensor
from argosy.nlp.v1 import nlp_pb2 as pb
from numpy.typing import NDArray

from argosy_worker.domains._shared.limits import check_count, chosen_top_k
from argosy_worker.domains._shared.tensors import from_vectors
from argosy_worker.domains._shared.vectors import Pooling, VectorReader, unit_rows
from argosy_worker.domains.nlp.codec import Encoded, NlpCodec
from argosy_worker.domains.nlp.options import normalized, overflow_of, pooling_of
from argosy_worker.domains.nlp.texts import checked_text, checked_texts
from argosy_worker.domains.nlp.windows import Overflow, greatest_by_text, mean_by_text
from argosy_worker.errors import InvalidInput
from argosy_worker.lifecycle.domain import Call

#: Most similarities in one answer: 16 MB.
MAX_PAIRS = 4_000_000
#: By how much a byte of an output is read faster than one of an input is decoded.
_QUICKER = 16


async def text_vectors(encoded: Encoded, call: Call, pooling: Pooling | None = None) -> NDArray[Any]:
    """The vector of each text, [texts, dimensions], not scaled: the mean of those of its windows."""
    reader: VectorReader = call.codec.vectors
    rows = encoded.rows
    outputs = await call.infer(rows.inputs)
    size = sum(array.nbytes for array in outputs.values()) // _QUICKER
    vectors = await call.offload(reader.vectors, outputs, len(encoded.windows), rows.mask, pooling, payload_bytes=size)
    return mean_by_text(vectors, encoded.windows, len(encoded.tokens))


async def embed(request: pb.EmbedRequest, call: Call) -> pb.EmbedResponse:
    """Embeds texts."""
    codec: NlpCodec = call.codec
    reader: VectorReader = call.codec.vectors
    overflow, pooling, scaled = overflow_of(request, codec), pooling_of(request, reader), normalized(request, reader)
    texts, size = checked_texts(request.texts, call.config.max_items)
    encoded: Encoded = await call.offload(codec.encode, texts, overflow, call.config.max_items, payload_bytes=size)
    vectors = await text_vectors(encoded, call, pooling)
    return pb.EmbedResponse(
        embeddings=from_vectors(unit_rows(vectors) if scaled else vectors), truncated=encoded.truncated
    )


async def similarity(request: pb.SimilarityRequest, call: Call) -> pb.SimilarityResponse:
    """Compares texts with others, or with each other."""
    limit, overflow = call.config.max_items, overflow_of(request, call.codec)
    texts, size = checked_texts(request.texts, limit)
    others, other_size = checked_texts(request.others, limit, "others") if request.others else ([], 0)
    pairs = len(texts) * len(others or texts)
    if pairs > MAX_PAIRS:
        raise InvalidInput(
            f"{pairs} pairs of texts are too many for one request; compare at most {MAX_PAIRS:,}",
            reason="TOO_MANY_PAIRS",
            metadata={"pairs": str(pairs), "limit": str(MAX_PAIRS)},
        )
    units = await _units([*texts, *others], size + other_size, overflow, call)
    left, right = units[: len(texts)], units[len(texts) :] if others else units
    return pb.SimilarityResponse(similarities=await call.offload(_cosines, left, right, payload_bytes=pairs))


def _cosines(left: NDArray[np.float64], right: NDArray[np.float64]) -> Tensor:
    return from_vectors(np.clip(left @ right.T, -1.0, 1.0))


async def rerank(request: pb.RerankRequest, call: Call) -> pb.RerankResponse:
    """Orders documents by how well they answer a query; documents of equal score keep their order."""
    codec: NlpCodec = call.codec
    check_count(len(request.documents), call.config.max_items, "documents")
    top_k, overflow = chosen_top_k(request.top_k, len(request.documents)), overflow_of(request, codec)
    size = checked_text(request.query, "query")
    documents, other_size = checked_texts(request.documents, call.config.max_items, "documents")
    if codec.pairs is not None:
        arguments = (codec.pairs.encoder, request.query, documents, overflow, call.config.max_items)
        windows, rows = await call.offload(codec.encode_pairs, *arguments, payload_bytes=size + other_size)
        scores = greatest_by_text(codec.pairs.read(await call.infer(rows.inputs), len(windows)), windows)
    else:
        units = await _units([request.query, *documents], size + other_size, overflow, call)
        scores = np.clip(units[1:] @ units[0], -1.0, 1.0)
    order = np.argsort(-scores, kind="stable")[:top_k].tolist()
    return pb.RerankResponse(documents=[pb.RankedDocument(index=each, score=float(scores[each])) for each in order])


async def _units(texts: list[str], size: int, overflow: Overflow, call: Call) -> NDArray[np.float64]:
    """Vectors of length 1, float64 [texts, dimensions]."""
    codec: NlpCodec = call.codec
    encoded = await call.offload(codec.encode, texts, overflow, call.config.max_items, payload_bytes=size)
    return unit_rows((await text_vectors(encoded, call)).astype(np.float64))
