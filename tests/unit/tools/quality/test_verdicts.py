# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import math
from pathlib import Path

import pytest
import yaml

from tools.quality import bounds, reading
from tools.quality.bounds import above, at_least, at_most, at_most_of
from tools.quality.page import with_rows
from tools.quality.verdicts import Verdict, judged

MODEL = "nlp/made_up"
PAGE = "before\n<!-- quality -->\n<!-- /quality -->\nafter\n"


@pytest.fixture
def made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A model with an accuracy of 0.9, bound to be 0.8 at least, and a baseline of 0.7."""
    metrics = [
        {"name": name, "value": value, "split": "held-out", "sample_count": 10}
        for name, value in (("accuracy", 0.9), ("accuracy_of_chance", 0.7))
    ]
    (tmp_path / MODEL).mkdir(parents=True)
    (tmp_path / MODEL / "model.yaml").write_text(yaml.safe_dump({"metrics": metrics}))
    monkeypatch.setattr(reading, "MODELS", tmp_path)
    monkeypatch.setitem(bounds.BOUNDS, MODEL, {("accuracy", "held-out"): (at_least(0.8),)})
    monkeypatch.setitem(bounds.BASELINES, MODEL, frozenset({"accuracy_of_chance"}))
    return MODEL


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [
        ({("accuracy", "held-out"): 0.90004}, Verdict.OK),
        ({("accuracy", "held-out"): 0.9002}, Verdict.OFF),
        ({("accuracy", "held-out"): 0.1}, Verdict.OFF),
        ({("accuracy", "held-out"): math.nan}, Verdict.OFF),
        ({}, Verdict.NOT_MEASURED),
    ],
)
def test_a_figure_is_held_against_what_was_recorded(
    made_up: str, measured: dict[tuple[str, str], float], verdict: Verdict
) -> None:
    (row,) = judged(made_up, measured)
    assert (row.verdict, row.samples, row.recorded) == (verdict, 10, 0.9)


def test_a_figure_that_was_recorded_below_its_bound_misses_it(made_up: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(bounds.BOUNDS, made_up, {("accuracy", "held-out"): (at_least(0.8), at_least(0.95))})
    (row,) = judged(made_up, {("accuracy", "held-out"): 0.9})
    assert (row.verdict, row.verdict.good, row.bound) == (Verdict.MISSED, False, ">= 0.8, >= 0.95")


def test_a_figure_that_is_not_recorded_yet_is_shown_and_no_fault(made_up: str) -> None:
    row = judged(made_up, {("accuracy", "held-out"): 0.9, ("f1", "held-out"): 0.5})[1]
    assert (row.figure, row.recorded, row.verdict, row.verdict.good) == ("f1", None, Verdict.NOT_RECORDED, True)


@pytest.mark.parametrize(
    ("bound", "good", "bad", "text"),
    [
        (at_least(0.9), 0.9, 0.89, ">= 0.9"),
        (at_most(0.05), 0.05, 0.051, "<= 0.05"),
        (above("recall_of_chance"), 0.31, 0.3, "> 0.3 (chance)"),
        (above("recall_of_chance", 3), 0.91, 0.89, "> 0.9 (3 x chance)"),
        (at_most_of("recall_of_chance", 0.5), 0.15, 0.16, "<= 0.15 (0.5 x chance)"),
    ],
)
def test_a_bound_has_a_direction(bound: bounds.Bound, good: float, bad: float, text: str) -> None:
    recorded = {("recall_of_chance", "held-out"): 0.3}
    assert bound.text("held-out", recorded) == text
    verdicts = [bound.is_met(value, "held-out", recorded) for value in (good, bad, math.nan)]
    assert verdicts == [True, False, False]


def test_a_page_takes_the_rows_that_were_measured_and_keeps_the_others_in_order(made_up: str) -> None:
    page = with_rows(PAGE, judged(made_up, {("accuracy", "held-out"): 0.9}))
    page = page.replace("<!-- /quality", "| vision/other | accuracy | held-out | 5 | 1 | 1 | - | ok |\n<!-- /quality")
    again = with_rows(page, judged(made_up, {("accuracy", "held-out"): 0.5}))
    models = [line for line in again.splitlines() if line.startswith(("| nlp", "| vision"))]
    assert models == [
        "| nlp/made_up | accuracy | held-out | 10 | 0.9000 | 0.5000 | >= 0.8 | off its record |",
        "| vision/other | accuracy | held-out | 5 | 1 | 1 | - | ok |",
    ]
    assert again.startswith("before\n") and again.endswith("\nafter\n")


def test_a_page_without_marks_is_refused(made_up: str) -> None:
    with pytest.raises(ValueError, match="needs the marks"):
        with_rows("nothing\n", judged(made_up, {}))
