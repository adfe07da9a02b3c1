# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Where parts of a text lie, in characters and in bytes of UTF-8."""

import numpy as np
from argosy.nlp.v1.nlp_pb2 import Span


class SpanWriter:
    """Writes spans of one text."""

    def __init__(self, text: str) -> None:
        if text.isascii():
            self._bytes = None
            return
        points = np.frombuffer(text.encode("utf-32-le"), "<u4")
        widths = 1 + (points >= 0x80).astype(np.int64) + (points >= 0x800) + (points >= 0x10000)
        self._bytes = np.concatenate([[0], np.cumsum(widths)])

    def __call__(self, start: int, end: int) -> Span:
        """The span of the characters (code points) from ``start`` to before ``end``."""
        if self._bytes is None:
            return Span(byte_start=start, byte_end=end, character_start=start, character_end=end)
        return Span(
            byte_start=int(self._bytes[start]),
            byte_end=int(self._bytes[end]),
            character_start=start,
            character_end=end,
        )


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A part of the text without blanks around it."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
