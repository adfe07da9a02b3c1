# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Texts of a request, checked."""

from collections.abc import Sequence

from argosy_worker.domains._shared.limits import check_count
from argosy_worker.errors import InvalidInput

#: Most bytes of a text, in UTF-8.
MAX_TEXT_BYTES = 100_000


def checked_texts(texts: Sequence[str], max_items: int) -> tuple[list[str], int]:
    """The texts and their bytes in all.

    Raises:
        InvalidInput: NO_ITEMS, TOO_MANY_ITEMS, TEXT_EMPTY or TEXT_TOO_LONG, with the text's index.
    """
    check_count(len(texts), max_items, "texts")
    checked, total = list(texts), 0
    for index, text in enumerate(checked):
        size = len(text) if text.isascii() else len(text.encode())
        if size > MAX_TEXT_BYTES:
            raise InvalidInput(
                f"texts[{index}] has {size} bytes; send at most {MAX_TEXT_BYTES:,}",
                reason="TEXT_TOO_LONG",
                metadata={"index": str(index), "bytes": str(size), "limit": str(MAX_TEXT_BYTES)},
            )
        if not text or text.isspace():
            raise InvalidInput(f"texts[{index}] is empty", reason="TEXT_EMPTY", metadata={"index": str(index)})
        total += size
    return checked, total
