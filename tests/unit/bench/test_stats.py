# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Figures of repeated rounds."""

import pytest

from bench.stats import Bound, spread


def test_spread_is_median_least_and_most_in_any_order() -> None:
    found = spread([3.0, 1.0, 10.0])
    assert (found.median, found.low, found.high) == (3.0, 1.0, 10.0)
    assert found.text(1) == "3.0 (1.0-10.0)"


def test_no_rounds_have_no_spread() -> None:
    with pytest.raises(ValueError, match="no round"):
        spread([])


def test_a_bound_is_about_the_median_and_includes_its_limit() -> None:
    assert Bound("ratio", spread([1.0, 1.6, 9.0]), 1.6).verdict == "PASS"
    assert Bound("ratio", spread([1.0, 1.61, 1.62]), 1.6).verdict == "FAIL"
