# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Markdown that reads well as plain text too."""

from collections.abc import Iterable, Sequence


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Renders a table; cells are taken as they are, but for what would end them."""
    lines = [list(headers), ["---"] * len(headers), *([_cell(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def code(text: object) -> str:
    """Marks text as code."""
    return f"`{text}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
