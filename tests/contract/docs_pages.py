# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Reads the documentation: its pages, and the fenced blocks that a comment marks for the tests.

``<!-- run -->`` executes the block below it; ``<!-- run: fails -->`` expects an exit code other than 0;
``<!-- run: fleet FILE -->`` first starts that fleet. ``<!-- output -->`` is what the Python block above it prints.
``<!-- from: FILE -->`` is an excerpt of a file. ``<!-- cluster -->`` is executed by the tests of a cluster; so is
``<!-- cluster: STEP -->``, whose test does something before each step.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.reference import ROOT, pages

__all__ = ["ROOT", "Block", "below", "blocks", "matches", "pages"]

_BLOCK = re.compile(r"^<!-- (run|output|from|cluster)(?:: ([^\n]+?))? -->\n```(\w+)\n(.*?)^```$", re.M | re.S)


@dataclass(frozen=True)
class Block:
    """A marked block of a page."""

    page: Path
    line: int
    mark: str
    argument: str
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    def commands(self) -> Iterator[tuple[str, str]]:
        """Yields the commands of a console block, each with the output that the page shows."""
        for part in re.split(r"^\$ ", self.text, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def blocks(page: Path) -> list[Block]:
    """Lists the marked blocks of a page, in order."""
    text = page.read_text("utf-8")
    return [
        Block(page, text.count("\n", 0, found.start()) + 1, found[1], found[2] or "", found[3], found[4])
        for found in _BLOCK.finditer(text)
    ]


def below(page: Path, heading: str) -> list[Block]:
    """Lists the marked blocks of a page between a heading and the next one of the second level."""
    lines = page.read_text("utf-8").splitlines()
    begin = 1 + next(
        number for number, line in enumerate(lines) if line.startswith("#") and line.endswith(f"# {heading}")
    )
    end = next((number for number, line in enumerate(lines[begin:], begin) if line.startswith("## ")), len(lines))
    return [block for block in blocks(page) if begin < block.line <= end]


def matches(shown: str, printed: str) -> bool:
    """Tells whether a program printed what a page shows.

    A line ``...`` stands for any lines, ``...`` in a line for anything in it; blanks and rules of tables count once.
    """
    lines = [_even(line) for line in printed.strip("\n").splitlines()]
    pattern = "".join(r"(?:.*\n)*" if line == "..." else _pattern(line) for line in map(_even, shown.splitlines()))
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in lines)) is not None


def _pattern(line: str) -> str:
    return ".*".join(map(re.escape, line.split("..."))) + r"\n"


def _even(line: str) -> str:
    return re.sub(r"[ \t─━]+", " ", line).rstrip()
