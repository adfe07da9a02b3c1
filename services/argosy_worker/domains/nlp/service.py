# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy.nlp.v1.NlpService``."""

from argosy.nlp.v1 import nlp_pb2 as pb

from argosy_worker.domains.nlp.classifying import classify
from argosy_worker.domains.nlp.codec import Encoded, NlpCodec
from argosy_worker.domains.nlp.embedding import embed, rerank, similarity
from argosy_worker.domains.nlp.explaining import explain
from argosy_worker.domains.nlp.options import overflow_of
from argosy_worker.domains.nlp.prepare import prepare
from argosy_worker.domains.nlp.tags import TagReader, by_token
from argosy_worker.domains.nlp.texts import checked_texts
from argosy_worker.domains.nlp.windows import Overflow
from argosy_worker.engines.port import Tensors
from argosy_worker.lifecycle.domain import Call, Domain


async def tokenize(request: pb.TokenizeRequest, call: Call) -> pb.TokenizeResponse:
    """Splits texts into tokens; the engine does not run."""
    codec: NlpCodec = call.codec
    texts, size = checked_texts(request.texts, call.config.max_items)
    encoded: Encoded = await call.offload(codec.encode, texts, codec.cut, len(texts), payload_bytes=size)
    seen = [encoded.tokens[window.text].cut(window.start, window.end) for window in encoded.windows]
    return pb.TokenizeResponse(
        results=[
            pb.Tokenization(ids=ids, tokens=codec.tokenizer.names(ids), truncated=truncated)
            for ids, truncated in zip(seen, encoded.truncated, strict=True)
        ]
    )


async def classify_tokens(request: pb.ClassifyTokensRequest, call: Call) -> pb.ClassifyTokensResponse:
    """Finds entities in texts."""
    overflow = overflow_of(request, call.codec)
    texts, size = checked_texts(request.texts, call.config.max_items)
    encoded = await call.offload(_encode_with_places, call, texts, overflow, payload_bytes=size)
    outputs = await call.infer(encoded.rows.inputs)
    results = await call.offload(_entities, call.codec.tags, texts, encoded, outputs, payload_bytes=size)
    return pb.ClassifyTokensResponse(results=results)


def _encode_with_places(call: Call, texts: list[str], overflow: Overflow) -> Encoded:
    codec: NlpCodec = call.codec
    return codec.encode(texts, overflow, call.config.max_items, places=True)


def _entities(tags: TagReader, texts: list[str], encoded: Encoded, outputs: Tensors) -> list[pb.TextEntities]:
    mask = encoded.rows.mask
    scores = by_token(encoded.tokens, encoded.windows, mask, tags.probabilities(outputs, *mask.shape))
    return [
        pb.TextEntities(entities=tags.entities(text, tokens, *each), truncated=truncated)
        for text, tokens, each, truncated in zip(texts, encoded.tokens, scores, encoded.truncated, strict=True)
    ]


DOMAIN = Domain(
    name="nlp",
    service=pb.DESCRIPTOR.services_by_name["NlpService"],
    methods={
        "Classify": classify,
        "Embed": embed,
        "Tokenize": tokenize,
        "ClassifyTokens": classify_tokens,
        "Similarity": similarity,
        "Rerank": rerank,
        "Explain": explain,
    },
    prepare=prepare,
)
