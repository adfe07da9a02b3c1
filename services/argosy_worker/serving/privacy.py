# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What may be logged of a failed call: where it failed, and nothing that its caller sent."""

import re
import traceback

#: Texts from one quotation mark to the next, and numbers that stand alone; names such as conv2 keep their digits.
_VALUES = re.compile(r"""'[^']*(?:'|$)|"[^"]*(?:"|$)|(?<![\w.])[-+]?\.?\d[\w.]*(?:(?<=[eE])[-+]\d+)?""")
#: Longest text that is kept of an engine's own words.
MAX_CAUSE = 1000


def without_values(text: str) -> str:
    """Returns an engine's words with every quoted text and number replaced: both may be values of the request."""
    return _VALUES.sub("#", text)[:MAX_CAUSE]


def frames(error: BaseException) -> str:
    """Returns an error's kind and where it came from, and the same of its causes; their texts may quote the request."""
    parts = []
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        parts.append(
            f"{type(link).__module__}.{type(link).__qualname__}\n{''.join(traceback.format_tb(link.__traceback__))}"
        )
        link = link.__cause__ or link.__context__
    return "caused by ".join(parts)
