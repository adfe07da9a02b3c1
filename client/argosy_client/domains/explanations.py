# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What explanations of all domains are asked with and answered with."""

from operator import index
from typing import SupportsIndex

from argosy.common.v1 import explanation_pb2

from argosy_client.results import ExplanationSummary, Rendering


def options(
    method: str, target: str, max_evaluations: int, seed: int, rendering: "explanation_pb2.RenderingFormat"
) -> explanation_pb2.ExplanationOptions:
    """The options of a request. Raises ValueError for numbers that cannot be sent."""
    return explanation_pb2.ExplanationOptions(
        method=method,
        target=target,
        max_evaluations=_whole(max_evaluations, "max_evaluations", 0, 2**31 - 1),
        seed=_whole(seed, "seed", -(2**63), 2**63 - 1),
        rendering=rendering,
    )


def summary(found: explanation_pb2.ExplanationSummary) -> ExplanationSummary:
    """Reads what was explained."""
    picture = found.rendering
    return ExplanationSummary(
        method=found.method,
        target=found.target,
        value=found.value,
        base_value=found.base_value,
        evaluation_count=found.evaluation_count,
        additivity_gap=found.additivity_gap if found.HasField("additivity_gap") else None,
        fidelity=found.fidelity if found.HasField("fidelity") else None,
        rendering=Rendering(picture.media_type, picture.data) if found.HasField("rendering") else None,
    )


def _whole(value: int, name: str, low: int, high: int) -> int:
    if not isinstance(value, SupportsIndex) or not low <= index(value) <= high:
        raise ValueError(f"{name} is {value!r}; it must be a whole number from {low} to {high}")
    return index(value)
