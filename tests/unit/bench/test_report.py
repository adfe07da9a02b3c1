# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Reports for people and machines."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench import report
from bench.machine import describe
from bench.report import Report, Section, Table
from bench.stats import Bound, spread

TABLE = Table("T: a title", ("what", "us"), (("echo", "100"),), ("A note.",))

BEGIN, END = (mark.format(program=report.PROGRAM) for mark in (report.BEGIN, report.END))


def made(*ratios: float) -> Report:
    section = Section("t", TABLE, (Bound("worker / echo", spread(ratios), 1.6, 1.3),), [[{"cpu_us": 1.0}]])
    return Report("python -m bench t", describe(), [section])


def test_only_the_part_between_the_marks_is_rewritten(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text(f"before\n{BEGIN}\nold figures\n{END}\nafter\n")
    report.rewrite(document, made(1.5))
    text = document.read_text()
    assert text.startswith("before\n") and text.endswith("\nafter\n")
    assert "old figures" not in text
    assert "`python -m bench t`" in text
    assert "| echo | 100 |" in text
    assert "**PASS** worker / echo: 1.50" in text
    report.rewrite(document, made(1.5))
    assert document.read_text() == text


def test_sections_that_were_not_measured_stay_as_they_are(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text(f"before\n{BEGIN}\n{END}\nafter\n")
    report.rewrite(document, replace(made(1.5), sections=[replace(made(1.5).sections[0], name="b2")]))
    first = document.read_text()
    other = Table("A title of another", ("what", "us"), (("worker", "7"),))
    report.rewrite(document, replace(made(1.5), sections=[Section("b1", other)]))
    both = document.read_text()
    assert both.index("A title of another") < both.index("T: a title")
    report.rewrite(document, replace(made(1.5), sections=[Section("b1", replace(other, rows=(("worker", "8"),)))]))
    assert document.read_text() == both.replace("| worker | 7 |", "| worker | 8 |")
    assert first.partition("<!-- section: b2 -->")[2] in both


def test_a_document_without_marks_is_left_alone(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text("nothing to replace")
    with pytest.raises(ValueError, match="lacks the lines"):
        report.rewrite(document, made(1.5))
    assert document.read_text() == "nothing to replace"


def test_json_holds_every_round_and_the_verdicts(tmp_path: Path) -> None:
    report.write_json(made(1.7), tmp_path / "bench.json")
    found = json.loads((tmp_path / "bench.json").read_text())
    assert found["passed"] is False
    assert found["sections"][0]["rounds"] == [[{"cpu_us": 1.0}]]
    assert found["sections"][0]["bounds"][0]["verdict"] == "FAIL"
