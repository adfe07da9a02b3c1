# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Judges what was measured: against what model.yaml says, and against the bounds."""

from dataclasses import dataclass
from enum import Enum

from tools.quality.bounds import BASELINES, BOUNDS
from tools.quality.reading import Figure, Figures, recorded, sample_counts

#: Figures are recorded with four decimals.
ROUNDING = 5e-5 + 1e-9


class Verdict(Enum):
    """What is to be said of a figure; the first two are good."""

    OK = "ok"
    NOT_RECORDED = "not recorded"
    NOT_MEASURED = "not measured"
    OFF = "off its record"
    MISSED = "misses its bound"

    @property
    def good(self) -> bool:
        """Whether nothing is wrong."""
        return self in (Verdict.OK, Verdict.NOT_RECORDED)


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of a model."""

    model: str
    figure: str
    split: str
    samples: int | None
    recorded: float | None
    measured: float | None
    bound: str
    """For people; empty where there is none."""
    verdict: Verdict


def expected(model: str) -> list[Figure]:
    """The figures in model.yaml that the served model has to reproduce."""
    return [figure for figure in recorded(model) if figure[0] not in BASELINES.get(model, ())]


def judged(model: str, measured: Figures) -> list[Row]:
    """One row for each figure that was measured or should have been, in the order of model.yaml."""
    known, counts = recorded(model), sample_counts(model)
    figures = list(dict.fromkeys([*expected(model), *measured]))
    return [_row(model, figure, measured.get(figure), known, counts.get(figure)) for figure in figures]


def _row(model: str, figure: Figure, measured: float | None, known: Figures, samples: int | None) -> Row:
    name, split = figure
    bounds = BOUNDS.get(model, {}).get(figure, ())
    text = ", ".join(bound.text(split, known) for bound in bounds)
    value = known.get(figure)
    if measured is None:
        verdict = Verdict.NOT_MEASURED
    elif value is not None and not abs(measured - value) <= ROUNDING:
        verdict = Verdict.OFF
    elif not all(bound.is_met(measured, split, known) for bound in bounds):
        verdict = Verdict.MISSED
    else:
        verdict = Verdict.OK if value is not None else Verdict.NOT_RECORDED
    return Row(model, name, split, samples, value, measured, text, verdict)
