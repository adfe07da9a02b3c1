# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Compares answers with known ones."""

from collections.abc import Mapping
from typing import Any

#: Fields of every answer that say who answered, not what.
IGNORED = ("model", "version")


def difference(expected: Mapping[str, Any], actual: Mapping[str, Any], tolerance: float) -> str:
    """Compares two answers in proto3 JSON, leaving out which model and version gave them.

    Args:
        expected: The known answer, a message as a dict with all its fields.
        actual: The answer to judge, likewise.
        tolerance: Largest absolute difference accepted in any number.

    Returns:
        The first difference, with its place; empty where the answers are equal.
    """
    return _dict(_without_ignored(expected), _without_ignored(actual), tolerance, "")


def _without_ignored(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key not in IGNORED}


def _any(expected: Any, actual: Any, tolerance: float, place: str) -> str:
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        return _dict(expected, actual, tolerance, place)
    if isinstance(expected, list) and isinstance(actual, list):
        return _list(expected, actual, tolerance, place)
    if _is_number(expected) and _is_number(actual):
        close = abs(expected - actual) <= tolerance  # False for NaN.
        return "" if close else f"{place} is {actual:.6g}, not {expected:.6g}"
    same = expected == actual and type(expected) is type(actual)  # True equals 1, and is another answer.
    return "" if same else f"{place} is {actual!r}, not {expected!r}"


def _dict(expected: Mapping[str, Any], actual: Mapping[str, Any], tolerance: float, place: str) -> str:
    for key in sorted({*expected, *actual}):
        inner = f"{place}.{key}" if place else key
        if key not in actual:
            return f"{inner} is missing"
        if key not in expected:
            return f"{inner} is not expected"
        found = _any(expected[key], actual[key], tolerance, inner)
        if found:
            return found
    return ""


def _list(expected: list[Any], actual: list[Any], tolerance: float, place: str) -> str:
    if len(expected) != len(actual):
        return f"{place} has {len(actual)} elements, not {len(expected)}"
    for index, (left, right) in enumerate(zip(expected, actual, strict=True)):
        found = _any(left, right, tolerance, f"{place}[{index}]")
        if found:
            return found
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
