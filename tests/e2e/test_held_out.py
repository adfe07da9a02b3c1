# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Served through the gateway, every model is as good on its held-out samples as its model.yaml says."""

from collections.abc import Callable

import pytest
from argosy_client import Argosy

from tools.quality import bounds
from tools.quality.models import MEASURES
from tools.quality.reading import Figure, checked_in, recorded
from tools.quality.verdicts import Row, Verdict, expected, judged

FIGURES = [(model, figure) for model in checked_in() for figure in expected(model)]


@pytest.fixture(scope="module")
def row(argosy: Argosy) -> Callable[[str, Figure], Row]:
    """Gives a figure of a model; a model is measured once, with all its figures."""
    measured: dict[str, dict[Figure, Row]] = {}

    def find(model: str, figure: Figure) -> Row:
        if model not in measured:
            rows = judged(model, MEASURES[model](argosy))
            measured[model] = {(each.figure, each.split): each for each in rows}
        return measured[model][figure]

    return find


@pytest.mark.parametrize(("model", "figure"), FIGURES, ids=[f"{model}: {', '.join(of)}" for model, of in FIGURES])
def test_a_figure_is_what_was_recorded_and_meets_its_bound(
    row: Callable[[str, Figure], Row], model: str, figure: Figure
) -> None:
    found = row(model, figure)
    assert found.verdict is Verdict.OK, found


@pytest.mark.parametrize("model", checked_in())
def test_every_model_has_figures_and_every_bound_and_baseline_is_of_a_recorded_one(model: str) -> None:
    figures = recorded(model)
    assert expected(model), "model.yaml records no figure of the model itself"
    assert set(bounds.BOUNDS.get(model, {})) <= set(expected(model))
    assert bounds.BASELINES.get(model, frozenset()) <= {name for name, _ in figures}


def test_bounds_and_baselines_are_of_models_that_exist() -> None:
    assert set(bounds.BOUNDS) | set(bounds.BASELINES) <= set(MEASURES) == set(checked_in())
