# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Labels and vectors, which several domains answer with."""

from collections.abc import Iterable, Sequence

from argosy.common.v1 import label_pb2, tensor_pb2

from argosy_client.errors import bad_answer
from argosy_client.inputs import float_array
from argosy_client.results import Embeddings, Label, Timing


def labels(scored: Iterable[label_pb2.ScoredLabel]) -> tuple[Label, ...]:
    """Reads labels, keeping their order."""
    return tuple(map(label, scored))


def label(scored: label_pb2.ScoredLabel) -> Label:
    """Reads one label."""
    return Label(scored.label, scored.index, scored.score)


def embeddings(
    tensor: tensor_pb2.Tensor, count: int, model: str, version: str, timing: Timing, truncated: Sequence[bool] = ()
) -> Embeddings:
    """Reads vectors. Raises ArgosyError unless they are float32 of shape [count, dimensions]."""
    try:
        vectors = float_array(tensor)
    except ValueError as error:
        raise bad_answer(f"the server's embeddings cannot be read: {error}") from error
    if vectors.ndim != 2 or len(vectors) != count:
        raise bad_answer(f"the server sent embeddings of shape {list(vectors.shape)} for {count} items")
    return Embeddings(vectors, model, version, timing, tuple(truncated))
