# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Choices of a request, as the codec takes them."""

from collections.abc import Mapping
from typing import Any, TypeVar

from argosy.nlp.v1 import nlp_pb2 as pb

from argosy_worker.domains._shared.vectors import Pooling, VectorReader
from argosy_worker.domains.nlp.codec import NlpCodec
from argosy_worker.domains.nlp.windows import Overflow
from argosy_worker.errors import InvalidInput

T = TypeVar("T")
_POOLINGS: dict[int, Pooling | None] = {
    pb.POOLING_UNSPECIFIED: None,
    pb.POOLING_MEAN: "mean",
    pb.POOLING_FIRST: "first",
    pb.POOLING_MAX: "max",
}


def overflow_of(request: Any, codec: NlpCodec) -> Overflow:
    """What happens with long texts.

    Raises:
        InvalidInput: OPTION_UNKNOWN.
    """
    ways: dict[int, Overflow] = {
        pb.OVERFLOW_UNSPECIFIED: codec.cut,
        pb.OVERFLOW_TRUNCATE: codec.cut,
        pb.OVERFLOW_WINDOW: "window",
    }
    return _known("overflow", request.overflow, ways)


def pooling_of(request: pb.EmbedRequest, vectors: VectorReader) -> Pooling | None:
    """Another pooling than the model's; None for the model's.

    Raises:
        InvalidInput: OPTION_UNKNOWN; POOLING_UNSUPPORTED where the output holds no vectors of tokens.
    """
    pooling = _known("pooling", request.pooling, _POOLINGS)
    if pooling and vectors.section.pooling == "none":
        raise InvalidInput(
            "pooling is set, and the model's output holds one vector for each text already: leave it out",
            reason="POOLING_UNSUPPORTED",
            metadata={"field": "pooling"},
        )
    return pooling


def normalized(request: pb.EmbedRequest, vectors: VectorReader) -> bool:
    """Whether vectors are scaled to length 1.

    Raises:
        InvalidInput: OPTION_UNKNOWN.
    """
    ways: dict[int, bool] = {
        pb.NORMALIZATION_UNSPECIFIED: vectors.section.normalize,
        pb.NORMALIZATION_NONE: False,
        pb.NORMALIZATION_L2: True,
    }
    return _known("normalization", request.normalization, ways)


def _known(field: str, value: int, ways: Mapping[int, T]) -> T:
    if value not in ways:
        raise InvalidInput(
            f"{field} is {value}, which is none of its values (0 to {max(ways)})",
            reason="OPTION_UNKNOWN",
            metadata={"field": field, "value": str(value)},
        )
    return ways[value]
