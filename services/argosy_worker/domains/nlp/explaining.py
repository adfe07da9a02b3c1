# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Why a text gets a label: its words are taken away, and the model says what it makes of the rest."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from argosy.common.v1 import explanation_pb2 as common
from argosy.nlp.v1 import nlp_pb2 as pb
from numpy.typing import NDArray

from argosy_worker.domains._shared.explain import markup
from argosy_worker.domains._shared.explain.explaining import Explanation, Method, chosen_rendering
from argosy_worker.domains._shared.explain.explaining import explain as explain_game
from argosy_worker.domains._shared.explain.game import Fillers, Game, Masks
from argosy_worker.domains._shared.labels import LabelReader
from argosy_worker.domains._shared.vectors import VectorReader
from argosy_worker.domains.nlp.classifying import label_vectors
from argosy_worker.domains.nlp.codec import Encoded, NlpCodec, Rows
from argosy_worker.domains.nlp.parts import Part, parts_of
from argosy_worker.domains.nlp.spans import SpanWriter
from argosy_worker.domains.nlp.texts import checked_text
from argosy_worker.domains.nlp.zero_shot import ZeroShotReader, checked_labels
from argosy_worker.engines.port import Tensors
from argosy_worker.errors import InvalidInput
from argosy_worker.lifecycle.domain import Call

#: About as much is made of each token: ids, mask, and what is between.
_TOKEN_BYTES = 32
#: Methods by name, the default first.
METHODS: dict[str, Method] = {"erasure": "erasure", "shapley": "shapley"}
_RENDERERS = {
    common.RENDERING_FORMAT_SVG: (markup.SVG, markup.svg),
    common.RENDERING_FORMAT_HTML: (markup.HTML, markup.html),
}


async def explain(request: pb.ExplainRequest, call: Call) -> pb.ExplainResponse:
    """Explains a label of a text."""
    codec: NlpCodec = call.codec
    rendering = chosen_rendering(request.options, _RENDERERS)
    candidates = checked_labels(request.candidate_labels, wanted=codec.zero_shot is not None)
    size = checked_text(request.text, "text")
    encoded: Encoded = await call.offload(_encode, codec, request.text, payload_bytes=size)
    (window,), (tokens,) = encoded.windows, encoded.tokens
    parts = parts_of(request.text, tokens, window, codec.tokenizer)
    scores = _Scores(call, await label_vectors(candidates, call) if candidates else None, encoded.rows)
    found = scores.read(await call.infer(encoded.rows.inputs), 1)[0]
    names = candidates or (codec.classes.labels if codec.classes else ())
    scores.target, name = _target(request.options.target, found, names)
    eraser = _Eraser(codec, np.array(tokens.cut(window.start, window.end), np.int64), tokens.head, tokens.tail, parts)

    def inputs(masks: Masks, _: Fillers) -> Tensors:
        scores.rows = eraser.rows(masks)
        return scores.rows.inputs

    def score(outputs: Tensors, count: int) -> NDArray[np.float64]:
        return scores.read(outputs, count)[:, scores.target]

    game = Game(call, len(parts), inputs, score, item_bytes=encoded.rows.mask.size * _TOKEN_BYTES)
    explanation = await explain_game(game, request.options, METHODS, name, codec.explain)
    return _response(request, parts, explanation, rendering)


def _encode(codec: NlpCodec, text: str) -> Encoded:
    return codec.encode([text], codec.cut, 1, places=True)


@dataclass(frozen=True, slots=True)
class _Eraser:
    """Rows of a text's tokens without those of the parts that are taken away; special tokens stay."""

    codec: NlpCodec
    ids: NDArray[np.int64]
    head: int
    tail: int
    parts: list[Part]

    def rows(self, masks: Masks) -> Rows:
        """The rows of masks, bool [rows, parts]."""
        kept = np.ones((len(masks), len(self.ids)), bool)
        if self.parts:
            own = np.repeat(masks, [part.tokens for part in self.parts], axis=1)
            kept[:, self.head : len(self.ids) - self.tail] = own
        flat = np.broadcast_to(self.ids, kept.shape)[kept]
        return self.codec.padded(flat, kept.sum(axis=1))


@dataclass(slots=True)
class _Scores:
    """Reads the scores of all labels for rows; those that ran last."""

    call: Call
    labels: NDArray[Any] | None
    rows: Rows
    target: int = field(init=False, default=0)

    def read(self, outputs: Tensors, count: int) -> NDArray[np.float64]:
        """float64 [count, labels]."""
        codec = self.call.codec
        if self.labels is None:
            classes: LabelReader = codec.classes
            return classes.probabilities(outputs, count)
        vectors: VectorReader = codec.vectors
        zero_shot: ZeroShotReader = codec.zero_shot
        return zero_shot.probabilities(vectors.vectors(outputs, count, self.rows.mask), self.labels)


def _target(wanted: str, scores: NDArray[np.float64], names: Any) -> tuple[int, str]:
    """The number and the name of the label that is explained."""
    known = list(names) or [str(index) for index in range(len(scores))]
    if not wanted:
        best = int(scores.argmax())
        return best, known[best]
    if wanted not in known:
        raise InvalidInput(
            f"options.target is {wanted!r}, which is none of the labels: {', '.join(known)}",
            reason="TARGET_UNKNOWN",
            metadata={"target": wanted},
        )
    return known.index(wanted), wanted


def _response(
    request: pb.ExplainRequest, parts: list[Part], explanation: Explanation, rendering: common.RenderingFormat
) -> pb.ExplainResponse:
    write, values = SpanWriter(request.text), explanation.attributions.tolist()
    response = pb.ExplainResponse(
        summary=explanation.summary,
        tokens=[
            pb.TokenAttribution(token=part.name, span=write(part.start, part.end), attribution=value)
            for part, value in zip(parts, values, strict=True)
        ],
    )
    if rendering in _RENDERERS:
        media_type, render = _RENDERERS[rendering]
        summary = explanation.summary
        title = f"{summary.target} {summary.value:.4f}, by {summary.method}"
        pieces = markup.pieces(request.text, [(part.start, part.end) for part in parts], values)
        response.summary.rendering.media_type = media_type
        response.summary.rendering.data = render(title, pieces)
    return response
