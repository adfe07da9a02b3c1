# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What models answer about rows and sequences of features."""

from dataclasses import dataclass

from argosy_client.results import ExplanationSummary, Label, Timing


@dataclass(frozen=True, slots=True)
class FeatureAttribution:
    """The part that a feature has in a score, or in a prediction; positive speaks for it."""

    feature: str
    attribution: float


@dataclass(frozen=True, slots=True)
class Anomaly:
    """How unusual a row or sequence is.

    Args:
        score: Higher is more unusual.
        threshold: Score from which on it counts as an anomaly.
        anomalous: Whether the score reaches the threshold.
        features: Part of the score that each feature has, in the model's order; empty where the model does not tell.
    """

    score: float
    threshold: float
    anomalous: bool
    features: tuple[FeatureAttribution, ...]


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row has no prediction; ``reason`` is for programs, such as "FEATURE_MISSING"."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class TabularResult:
    """Prediction for one row or sequence.

    Args:
        values: Predicted values of a regression, one for each target; empty for other models.
        classes: Classes with probabilities, best first; empty for other models.
        anomaly: Verdict of a model that detects anomalies; None for other models.
        error: Why there is no prediction, where errors are reported; None where there is one.
    """

    values: tuple[float, ...]
    classes: tuple[Label, ...]
    model: str
    version: str
    timing: Timing
    anomaly: Anomaly | None = None
    error: RowError | None = None


@dataclass(frozen=True, slots=True)
class StreamedPrediction:
    """Prediction for one position of the window over a stream, or the error of a reading that was left out of it.

    Args:
        reading_count: Readings that had arrived up to the end of the window.
        result: The prediction; its timing is the time since the stream began.
    """

    reading_count: int
    result: TabularResult


@dataclass(frozen=True, slots=True)
class TabularExplanation:
    """Which features a prediction rests on, in the model's order."""

    features: tuple[FeatureAttribution, ...]
    summary: ExplanationSummary
    model: str
    version: str
    timing: Timing
