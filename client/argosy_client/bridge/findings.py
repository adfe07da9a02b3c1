# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a diagnosis finds."""

from dataclasses import dataclass, field
from enum import StrEnum


class Weight(StrEnum):
    """How much a finding matters."""

    REFUSED = "refused"
    """The model cannot be served as it is."""
    LIMITED = "limited"
    """It is served, with less than it could have."""
    NOTE = "note"
    """Good to know."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact about a graph that matters for serving it.

    Args:
        code: UPPER_SNAKE, for programs.
        message: What is found, and what follows, for people.
        advice: What to change, by key of the exporter.
    """

    code: str
    weight: Weight
    message: str
    advice: dict[str, str] = field(default_factory=dict)
