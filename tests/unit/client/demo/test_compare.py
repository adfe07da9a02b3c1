# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from typing import Any

import pytest
from argosy_client.demo import difference


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"labels": [{"label": "7", "score": 0.9}]}, {"labels": [{"label": "7", "score": 0.9005}]}),
        ({"values": [1, 2.0]}, {"values": [1.0005, 2]}),
        ({"truncated": False, "name": None}, {"truncated": False, "name": None}),
        ({"x": 1, "model": "a", "version": "1"}, {"x": 1, "model": "b", "version": "2"}),
        ({"x": 1}, {"x": 1, "model": "b", "version": "2"}),
    ],
)
def test_answers_within_the_tolerance_are_equal_whoever_gave_them(expected: Any, actual: Any) -> None:
    assert difference(expected, actual, 0.001) == ""


@pytest.mark.parametrize(
    ("expected", "actual", "found"),
    [
        ({"x": [{"score": 0.9}]}, {"x": [{"score": 0.902}]}, "x[0].score is 0.902, not 0.9"),
        ({"x": 1.0}, {"x": float("nan")}, "x is nan, not 1"),
        ({"x": "yes"}, {"x": "no"}, "x is 'no', not 'yes'"),
        ({"x": [1]}, {"x": [1, 2]}, "x has 2 elements, not 1"),
        ({"x": 1}, {}, "x is missing"),
        ({}, {"x": 1}, "x is not expected"),
        ({"x": True}, {"x": 1}, "x is 1, not True"),
        ({"x": {"model": "a"}}, {"x": {"model": "b"}}, "x.model is 'b', not 'a'"),
        ({"x": 1}, {"x": "1"}, "x is '1', not 1"),
    ],
)
def test_a_difference_is_told_with_its_place(expected: Any, actual: Any, found: str) -> None:
    assert difference(expected, actual, 0.001) == found
