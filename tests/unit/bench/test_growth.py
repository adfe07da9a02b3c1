# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Exponents of costs that grow."""

import pytest

from bench import b8_growth
from bench.growth import Cost


def cost(power: float, name: str = "CPU", judged: bool = True) -> Cost:
    found = Cost(name, "s", "things", judged=judged)
    for size in (1, 10, 100):
        for noise in (0.9, 1.0, 1.2):
            found.add(size, noise * size**power)
    return found


@pytest.mark.parametrize("power", [0.0, 1.0, 2.0])
def test_the_exponent_of_a_step_is_the_power_of_the_work(power: float) -> None:
    assert cost(power).exponents == pytest.approx([power, power])


def test_what_cannot_be_told_from_nothing_has_not_grown() -> None:
    found = Cost("idle", "ms", "things", floor=10)
    for size, value in ((1, 0.0), (10, 5.0), (100, 100.0)):
        found.add(size, value)
    assert found.exponents == pytest.approx([0, 1])


def test_a_quadratic_cost_breaks_the_promise_and_is_named() -> None:
    section = b8_growth.section([cost(1), cost(2, "pages"), cost(3, "time", judged=False)], 3)
    assert not section.passed
    assert "pages" in section.bounds[0].name
    assert b8_growth.section([cost(1), cost(2, "pages", judged=False)], 3).passed
    assert section.table.rows[1][-1] == "2.00 / 2.00"
