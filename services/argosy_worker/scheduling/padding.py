# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Variable-length inputs: which works may share a batch, padding them to one length, cropping what comes out."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_worker.engines.port import Tensors


@dataclass(frozen=True, slots=True)
class Sequences:
    """Tensors of shape [batch, length, ...] whose length varies between requests."""

    inputs: Mapping[str, float]
    """Name of each such input, a mask among them where the model has one, and the value that pads it."""
    outputs: frozenset[str]
    """Names of the outputs of the same length, which are cropped."""
    buckets: tuple[int, ...]
    """Lengths, ascending; works share a batch where the same bucket is the smallest that holds both."""
    max_tokens: int
    """Most items times length in a batch; 0 means no such limit."""

    def length(self, inputs: Tensors) -> int:
        """Returns the length of a request, as its bucket where one holds it; 1 where its tensors disagree."""
        lengths = {inputs[name].shape[1] for name in self.inputs}
        if len(lengths) != 1:
            return 1
        length: int = lengths.pop()
        place = bisect_left(self.buckets, length)
        return self.buckets[place] if place < len(self.buckets) else max(length, 1)

    def true_length(self, inputs: Tensors) -> int:
        """Returns the length of a request as it is."""
        length: int = inputs[next(iter(self.inputs))].shape[1]
        return length


def stack(name: str, arrays: Sequence[NDArray[Any]], sequences: Sequences | None) -> NDArray[Any]:
    """Stacks arrays along the first dimension; sequences are padded at their end to the longest among them."""
    if sequences is None or name not in sequences.inputs:
        return np.concatenate(arrays)
    longest = max(array.shape[1] for array in arrays)
    if all(array.shape[1] == longest for array in arrays):
        return np.concatenate(arrays)
    items = sum(array.shape[0] for array in arrays)
    first = arrays[0]
    stacked = np.full((items, longest, *first.shape[2:]), sequences.inputs[name], first.dtype)
    start = 0
    for array in arrays:
        end = start + array.shape[0]
        stacked[start:end, : array.shape[1]] = array
        start = end
    return stacked


def crop(name: str, array: NDArray[Any], inputs: Tensors, sequences: Sequences | None) -> NDArray[Any]:
    """Returns a work's rows of an output without what padding added."""
    if sequences is None or name not in sequences.outputs:
        return array
    return array[:, : sequences.true_length(inputs)]
