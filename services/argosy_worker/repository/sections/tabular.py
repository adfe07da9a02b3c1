# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Rows and sequences of features."""

from typing import Annotated, Literal

from pydantic import Field

from argosy_worker.repository.sections.base import ExplainSection, RelativePath, Section

#: Methods of the domain's service that a model may implement.
METHODS = ("Predict", "PredictStream", "Explain")

#: What stands in for a missing value: a number, or the feature's mean in the background.
StandIn = Annotated[float, Field(allow_inf_nan=False)] | Literal["mean"]


class Feature(Section):
    """One input feature."""

    name: str = Field(min_length=1, max_length=200, description="Name of the feature.")
    description: str = Field(default="", description="What it is, with its unit.")
    missing: StandIn | None = Field(
        default=None,
        description="What stands in for a value that is missing (left out by name, or NaN): a number, or 'mean' for "
        "the feature's mean in the background; null takes what 'tabular.missing' says.",
    )


class AnomalySection(Section):
    """When a score counts as an anomaly."""

    threshold: float = Field(
        allow_inf_nan=False, description="Score from which on a row or sequence is anomalous, as calibrated."
    )
    parts: str | None = Field(
        default=None,
        description="Graph output with the part of the score that each feature has, FP32 of shape [batch, features].",
    )


class TabularSection(Section):
    """The features and what is predicted."""

    input: str = Field(description="Graph input, FP32 of shape [batch, features] or [batch, timesteps, features].")
    output: str = Field(
        description="Graph output: FP32 of shape [batch, targets] for a regression, [batch, classes] for classes, "
        "[batch, 1] for the score of an anomaly."
    )
    task: Literal["regression", "classification", "anomaly"] = Field(description="What is predicted.")
    activation: Literal["none", "softmax", "sigmoid"] = Field(
        default="none", description="As for classes in other domains; classification only."
    )
    anomaly: AnomalySection | None = Field(
        default=None, description="When a score counts as an anomaly; for the task anomaly, and no other."
    )
    features: list[Feature] = Field(min_length=1, description="Features in the graph's order.")
    missing: StandIn | None = Field(
        default=None,
        description="What stands in for a missing value of any feature that does not say so itself: a number, or "
        "'mean'; null refuses rows with missing values.",
    )
    timesteps: int | None = Field(
        default=None,
        ge=1,
        description="Length of a sequence for a model of sequences of fixed length; null for rows, or where the "
        "graph takes any length.",
    )
    max_timesteps: int = Field(default=10_000, ge=1, description="Longest sequence accepted where any length is.")
    sequences: bool = Field(
        default=False, description="Whether the model takes sequences [timesteps, features] instead of rows."
    )
    targets: list[str] = Field(default=[], description="Names of the predicted values, for people.")
    background: RelativePath | None = Field(
        default=None,
        description="NumPy file (.npy) beside model.yaml: ordinary rows, FP32 of shape [rows, features] or [rows, "
        "timesteps, features], at most 256, against which Explain judges features, and of which 'mean' is the mean.",
    )
    explain: ExplainSection = Field(default_factory=ExplainSection, description="What an explanation may cost.")
