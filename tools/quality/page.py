# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The table in docs/models.md, between two marks."""

import re
from collections.abc import Sequence

from tools.quality.reading import MODELS
from tools.quality.verdicts import Row
from tools.quality.view import HEADERS, texts
from tools.reference_tables.markdown import table

PAGE = MODELS.parent / "docs" / "models.md"
_SECTION = re.compile(r"(?<=<!-- quality -->\n).*?(?=<!-- /quality -->)", re.S)


def with_rows(page: str, rows: Sequence[Row]) -> str:
    """The page with the rows of the models that were measured; those of other models stay, all of them in order.

    Raises:
        ValueError: the page lacks the marks.
    """
    found = _SECTION.search(page)
    if found is None:
        raise ValueError(f"{PAGE.name} needs the marks <!-- quality --> and <!-- /quality -->")
    fresh = {row.model for row in rows}
    old = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in found[0].splitlines() if "/" in line]
    lines = [line for line in old if line[0] not in fresh] + [texts(row) for row in rows]
    lines.sort(key=lambda line: line[0])
    return f"{page[: found.start()]}\n{table(HEADERS, lines)}\n\n{page[found.end() :]}"
