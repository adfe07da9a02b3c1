# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What benchmarks report, and the three ways to show it: a terminal, JSON, and the generated part of a document."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table as RichTable

from bench.machine import Machine
from bench.stats import Bound

PROGRAM = "python -m bench"
#: Lines around the part of a document that a program writes.
BEGIN, END = "<!-- begin: {program} -->", "<!-- end: {program} -->"
#: The line before each section of it.
_SECTION = "<!-- section: {name} -->"
_SECTIONS = re.compile("^" + _SECTION.format(name="(.*)") + "$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Table:
    """Figures as people read them."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One benchmark's result."""

    name: str
    """As on the command line: ``python -m bench NAME``."""
    table: Table
    bounds: tuple[Bound, ...] = ()
    rounds: Any = field(default_factory=list)
    """Every round's figures, for machines."""
    failures: tuple[str, ...] = ()
    """What makes the figures worthless: calls that failed, servers that did not do their whole work."""

    @property
    def passed(self) -> bool:
        """Whether every promise was kept by a run without failures."""
        return not self.failures and all(bound.passed for bound in self.bounds)


@dataclass(frozen=True, slots=True)
class Report:
    """One run of the benchmarks."""

    command: str
    machine: Machine
    sections: Sequence[Section]

    @property
    def passed(self) -> bool:
        """Whether every section passed."""
        return all(section.passed for section in self.sections)


def show(section: Section, console: Console) -> None:
    """Prints a section."""
    table = RichTable(title=section.table.title, title_justify="left")
    for index, column in enumerate(section.table.columns):
        table.add_column(column, justify="right" if index else "left")
    for row in section.table.rows:
        table.add_row(*row)
    console.print(table)
    for note in section.table.notes:
        console.print(f"  {note}", highlight=False)
    for bound in section.bounds:
        color = "green" if bound.passed else "red"
        console.print(f"  [{color}]{bound.verdict}[/] {bound_text(bound)}", highlight=False)
    for failure in section.failures:
        console.print(f"  [red]FAIL[/] {failure}", highlight=False, markup=True)
    console.print()


def bound_text(bound: Bound) -> str:
    """A promise in words."""
    aim = f", aim {bound.aim:g}" if bound.aim is not None else ""
    return f"{bound.name}: {bound.measured.text(2)}, {'at least' if bound.at_least else 'limit'} {bound.limit:g}{aim}"


def write_json(report: Report, path: Path) -> None:
    """Writes everything, every round included."""
    document = {
        "command": report.command,
        "machine": asdict(report.machine),
        "passed": report.passed,
        "sections": [
            {
                **asdict(section),
                "bounds": [{**asdict(bound), "verdict": bound.verdict} for bound in section.bounds],
                "passed": section.passed,
            }
            for section in report.sections
        ],
    }
    path.write_text(json.dumps(document, indent=2) + "\n", "utf-8")


def rewrite(document: Path, report: Report, program: str = PROGRAM) -> None:
    """Replaces the sections of a report in the part of a document that a program writes; others stay as they are.

    Raises:
        ValueError: the document has no place for it.
    """
    text = document.read_text("utf-8")
    opening, closing = BEGIN.format(program=program), END.format(program=program)
    before, begin, rest = text.partition(opening)
    written, end, after = rest.partition(closing)
    if not begin or not end:
        raise ValueError(f"{document} lacks the lines {opening} and {closing}")
    _, *old = _SECTIONS.split(written)
    sections = dict(zip(old[::2], old[1::2], strict=True))
    sections |= {section.name: f"\n\n{_section(section, report)}\n" for section in report.sections}
    parts = (f"{_SECTION.format(name=name)}{sections[name]}" for name in sorted(sections))
    document.write_text(f"{before}{opening}\n\n{''.join(parts)}{closing}{after}", "utf-8")


def _section(section: Section, report: Report) -> str:
    table, machine = section.table, report.machine
    facts = f"`{report.command}`, {machine.date}, on {machine.hardware}. {machine.software}."
    lines = [
        f"### {table.title}",
        "",
        facts,
        "",
        _row(table.columns),
        _row(["---", *["---:"] * (len(table.columns) - 1)]),
    ]
    lines += [_row(row) for row in table.rows]
    points = [*table.notes, *(f"**{bound.verdict}** {bound_text(bound)}" for bound in section.bounds)]
    points += [f"**FAIL** {failure}" for failure in section.failures]
    return "\n".join([*lines, "", *(f"- {point}" for point in points), ""])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
