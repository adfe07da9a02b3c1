# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""One sum of squares instead of a look at each value."""

import math
from typing import Any

import numpy as np
import pytest
from argosy_worker.domains._shared.numbers import surely_within
from numpy.typing import NDArray


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 11.0, -11.0])
def test_no_value_beyond_the_limit_and_none_that_is_not_finite_is_ever_called_sure(dtype: type, bad: float) -> None:
    values: NDArray[Any] = np.ones((3, 4), dtype)
    assert surely_within(values, 10.0)
    values[2, 1] = bad
    assert not surely_within(values, 10.0)


def test_finite_values_are_within_infinity() -> None:
    assert surely_within(np.full((2, 2), 1e18, np.float32), math.inf)
    assert not surely_within(np.array([math.nan], np.float32), math.inf)


@pytest.mark.parametrize(
    "values", [np.ones(2, np.int64), np.ones(2, np.float16), np.ones(100_000, np.float32), np.array([b"text"], object)]
)
def test_what_one_sum_cannot_tell_is_not_sure(values: NDArray[Any]) -> None:
    assert not surely_within(values, math.inf)


def test_a_view_with_gaps_is_read_as_it_is() -> None:
    values = np.zeros((4, 4), np.float32)
    values[1] = math.nan
    assert surely_within(values[::2], 1.0)
    assert not surely_within(values[1:, :2], 1.0)
