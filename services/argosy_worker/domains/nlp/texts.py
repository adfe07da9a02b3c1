# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Texts of a request, checked."""

from collections.abc import Sequence

from argosy_worker.domains._shared.limits import check_count
from argosy_worker.errors import InvalidInput

#: Most bytes of a text, in UTF-8.
MAX_TEXT_BYTES = 100_000


def checked_texts(texts: Sequence[str], max_items: int, field: str = "texts") -> tuple[list[str], int]:
    """The texts and their bytes in all.

    Raises:
        InvalidInput: NO_ITEMS, TOO_MANY_ITEMS, TEXT_EMPTY or TEXT_TOO_LONG, with the text's index.
    """
    check_count(len(texts), max_items, field)
    checked = list(texts)
    return checked, sum(_checked(text, f"{field}[{index}]", index) for index, text in enumerate(checked))


def checked_text(text: str, field: str) -> int:
    """The bytes of one text.

    Raises:
        InvalidInput: TEXT_EMPTY or TEXT_TOO_LONG.
    """
    return _checked(text, field, 0)


def _checked(text: str, where: str, index: int) -> int:
    size = len(text) if text.isascii() else len(text.encode())
    if size > MAX_TEXT_BYTES:
        raise InvalidInput(
            f"{where} has {size} bytes; send at most {MAX_TEXT_BYTES:,}",
            reason="TEXT_TOO_LONG",
            metadata={"index": str(index), "bytes": str(size), "limit": str(MAX_TEXT_BYTES)},
        )
    if not text or text.isspace():
        raise InvalidInput(f"{where} is empty", reason="TEXT_EMPTY", metadata={"index": str(index)})
    return size
