# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy.nlp.v1.NlpService``."""

from collections.abc import Sequence

from argosy.nlp.v1 import nlp_pb2 as pb

from argosy_worker.domains._shared.labels import label_count
from argosy_worker.domains.nlp.codec import Encoded, NlpCodec, prepare
from argosy_worker.domains.nlp.texts import checked_texts
from argosy_worker.lifecycle.domain import Call, Domain


async def classify(request: pb.ClassifyRequest, call: Call) -> pb.ClassifyResponse:
    """Classifies texts."""
    top_k = label_count(request.top_k)
    encoded = await _encode(request.texts, call)
    results = call.codec.classes.read(await call.infer(encoded.inputs), len(encoded.tokens), top_k)
    return pb.ClassifyResponse(
        results=[
            pb.TextClassification(labels=labels, truncated=tokens.truncated, token_count=len(tokens.ids))
            for labels, tokens in zip(results, encoded.tokens, strict=True)
        ]
    )


async def embed(request: pb.EmbedRequest, call: Call) -> pb.EmbedResponse:
    """Embeds texts."""
    encoded = await _encode(request.texts, call)
    outputs = await call.infer(encoded.inputs)
    return pb.EmbedResponse(
        embeddings=call.codec.vectors.read(outputs, len(encoded.tokens), encoded.mask),
        truncated=[tokens.truncated for tokens in encoded.tokens],
    )


async def tokenize(request: pb.TokenizeRequest, call: Call) -> pb.TokenizeResponse:
    """Splits texts into tokens; the engine does not run."""
    codec: NlpCodec = call.codec
    encoded = await _encode(request.texts, call)
    return pb.TokenizeResponse(
        results=[
            pb.Tokenization(ids=tokens.ids, tokens=codec.tokenizer.names(tokens.ids), truncated=tokens.truncated)
            for tokens in encoded.tokens
        ]
    )


async def _encode(texts: Sequence[str], call: Call) -> Encoded:
    codec: NlpCodec = call.codec
    texts, total_bytes = checked_texts(texts, call.config.max_items)
    encoded: Encoded = await call.offload(codec.encode, texts, payload_bytes=total_bytes)
    return encoded


DOMAIN = Domain(
    name="nlp",
    service=pb.DESCRIPTOR.services_by_name["NlpService"],
    methods={"Classify": classify, "Embed": embed, "Tokenize": tokenize},
    prepare=prepare,
)
