# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Which items of the catalogue somebody names: a shelf and a number, as in "mystery one two", or a number alone."""

from collections.abc import Sequence

SHELVES = frozenset(("mystery", "romance", "space", "cooking", "travel", "horror", "history", "nature"))
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
DIGITS = {word: str(digit) for digit, word in enumerate(_DIGITS)}
#: Items stand on a shelf from 1 to this.
LAST = 15


def mentioned(words: Sequence[str], shelf: str = "") -> list[str]:
    """Returns the items that are named, in order, each once.

    Args:
        words: What was said.
        shelf: Where numbers are that follow no shelf; "": they are not items.
    """
    found: dict[str, None] = {}
    current, number = shelf, ""
    for word in [*words, ""]:  # the last word ends a number, too
        if word in DIGITS:
            number += DIGITS[word]
            continue
        if number and current and 1 <= int(number) <= LAST:
            found[f"{current}-{int(number):02d}"] = None
        number = ""
        current = word if word in SHELVES else shelf
    return list(found)
