# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Rows and sequences of features."""

from typing import Literal

from pydantic import Field

from argosy_worker.repository.sections.base import Section

#: Methods of the domain's service that a model may implement.
METHODS = ("Predict",)


class Feature(Section):
    """One input feature."""

    name: str = Field(min_length=1, max_length=200, description="Name of the feature.")
    description: str = Field(default="", description="What it is, with its unit.")


class TabularSection(Section):
    """The features and what is predicted."""

    input: str = Field(description="Graph input, FP32 of shape [batch, features] or [batch, timesteps, features].")
    output: str = Field(
        description="Graph output: FP32 of shape [batch, targets] for a regression, [batch, classes] for classes."
    )
    task: Literal["regression", "classification"] = Field(description="What is predicted.")
    activation: Literal["none", "softmax", "sigmoid"] = Field(
        default="none", description="As for classes in other domains; classification only."
    )
    features: list[Feature] = Field(min_length=1, description="Features in the graph's order.")
    timesteps: int | None = Field(
        default=None,
        ge=1,
        description="Length of a sequence for a model of sequences of fixed length; null for rows, or where the "
        "graph takes any length.",
    )
    sequences: bool = Field(
        default=False, description="Whether the model takes sequences [timesteps, features] instead of rows."
    )
    targets: list[str] = Field(default=[], description="Names of the predicted values, for people.")
