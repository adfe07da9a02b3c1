# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Labels of texts: the model's own, or those of the request."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from argosy.nlp.v1 import nlp_pb2 as pb
from numpy.typing import NDArray

from argosy_worker.domains._shared.labels import LabelReader, best_labels, label_count
from argosy_worker.domains.nlp.codec import Encoded, NlpCodec
from argosy_worker.domains.nlp.embedding import text_vectors
from argosy_worker.domains.nlp.options import overflow_of
from argosy_worker.domains.nlp.texts import checked_texts
from argosy_worker.domains.nlp.windows import mean_by_text
from argosy_worker.domains.nlp.zero_shot import ZeroShotReader, checked_labels
from argosy_worker.lifecycle.domain import Call


async def classify(request: pb.ClassifyRequest, call: Call) -> pb.ClassifyResponse:
    """Classifies texts."""
    codec: NlpCodec = call.codec
    top_k, overflow = label_count(request.top_k), overflow_of(request, codec)
    candidates = checked_labels(request.candidate_labels, wanted=codec.zero_shot is not None)
    texts, size = checked_texts(request.texts, call.config.max_items)
    encoded: Encoded = await call.offload(codec.encode, texts, overflow, call.config.max_items, payload_bytes=size)
    if codec.zero_shot is not None:
        vectors = await text_vectors(encoded, call)
        scores = codec.zero_shot.probabilities(vectors, await label_vectors(candidates, call))
        names: Sequence[str] = candidates
    else:
        classes: LabelReader = call.codec.classes
        outputs = await call.infer(encoded.rows.inputs)
        scores = mean_by_text(
            classes.probabilities(outputs, len(encoded.windows)), encoded.windows, len(encoded.tokens)
        )
        names = classes.labels
    return pb.ClassifyResponse(
        results=[
            pb.TextClassification(labels=labels, truncated=truncated, token_count=count)
            for labels, truncated, count in zip(
                best_labels(scores, names, top_k), encoded.truncated, encoded.seen, strict=True
            )
        ]
    )


async def label_vectors(candidates: Sequence[str], call: Call) -> NDArray[Any]:
    """The vectors of the sentences of candidate labels, [labels, dimensions], not scaled."""
    codec: NlpCodec = call.codec
    reader: ZeroShotReader = call.codec.zero_shot
    sentences = reader.sentences(candidates)
    size = sum(map(len, sentences))
    encoded = await call.offload(codec.encode, sentences, codec.cut, len(sentences), payload_bytes=size)
    return np.asarray(await text_vectors(encoded, call))
