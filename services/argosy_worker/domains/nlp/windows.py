# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Texts that are longer than the model takes: cut to its length, or read through windows that overlap."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from argosy_worker.errors import InvalidInput

Overflow = Literal["cut left", "cut right", "window"]


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens of a text that the model sees at once, from ``start`` to before ``end``."""

    text: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reader:
    """How a model reads texts of any length."""

    overlap: int | None
    """Least number of tokens that neighbouring windows have in common; None means a quarter of a window."""

    def windows(self, lengths: Sequence[int], room: int, overflow: Overflow, limit: int) -> list[Window]:
        """The windows of texts, in their order.

        Windows of a long text are all as long as the model takes, and evenly apart, so that each counts the same.

        Args:
            lengths: Tokens of each text, without special ones.
            room: Most of them that the model takes at once, at least 1.
            overflow: What happens with more.
            limit: Most windows of all texts, at least one for each.

        Raises:
            InvalidInput: TOO_MANY_WINDOWS.
        """
        if overflow != "window":
            cut_left = overflow == "cut left"
            return [
                Window(text, max(length - room, 0) if cut_left else 0, length if cut_left else min(length, room))
                for text, length in enumerate(lengths)
            ]
        step = room - (room // 4 if self.overlap is None else min(self.overlap, room - 1))
        counts = [1 + max(0, -((room - length) // step)) for length in lengths]
        _check(sum(counts), limit)
        return [
            Window(text, start, min(start + room, length))
            for text, (length, count) in enumerate(zip(lengths, counts, strict=True))
            for start in np.linspace(0, max(length - room, 0), count).round().astype(int).tolist()
        ]


def _check(count: int, limit: int) -> None:
    if count > limit:
        raise InvalidInput(
            f"the texts would be read through {count} windows; at most {limit} are read in one request: send fewer or "
            "shorter texts, or have long ones cut (OVERFLOW_TRUNCATE)",
            reason="TOO_MANY_WINDOWS",
            metadata={"windows": str(count), "limit": str(limit)},
        )


def mean_by_text(values: NDArray[Any], windows: list[Window], texts: int) -> NDArray[Any]:
    """The mean over each text's windows: [windows, ...] to [texts, ...].

    Args:
        windows: One for each row of ``values``, in the order of the texts, at least one for each.
    """
    if len(windows) == texts:
        return values
    firsts, counts = _groups(windows)
    sums = np.add.reduceat(values, firsts, axis=0)
    return np.asarray(sums / counts.reshape(-1, *[1] * (values.ndim - 1)))


def greatest_by_text(values: NDArray[Any], windows: list[Window]) -> NDArray[Any]:
    """The greatest over each text's windows: [windows] to [texts]; otherwise as :func:`mean_by_text`."""
    return np.asarray(np.maximum.reduceat(values, _groups(windows)[0]))


def _groups(windows: list[Window]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where the windows of each text begin, and how many they are."""
    owners = np.fromiter((window.text for window in windows), np.intp, len(windows))
    _, firsts, counts = np.unique(owners, return_index=True, return_counts=True)
    return firsts, counts
