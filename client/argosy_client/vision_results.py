# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Answers about images, beside labels and embeddings. Coordinates are pixels of the image as it was sent, upright."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from argosy_client.results import ExplanationSummary, Label, Timing


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; the origin is the upper left corner of the upper left pixel."""

    x_min: float
    y_min: float
    x_max: float
    y_max: float


@dataclass(frozen=True, slots=True)
class Detection:
    """One object: where it is, and what."""

    box: Box
    label: Label


@dataclass(frozen=True, slots=True)
class Detections:
    """What was found in one image, best first; width and height are those of the image."""

    detections: tuple[Detection, ...]
    width: int
    height: int
    model: str
    version: str
    timing: Timing

    def __len__(self) -> int:
        return len(self.detections)

    def __iter__(self) -> Iterator[Detection]:
        return iter(self.detections)


@dataclass(frozen=True, slots=True)
class Segment:
    """One class that has pixels in an image; the label's score is the mean over them."""

    label: Label
    pixel_count: int


@dataclass(frozen=True, slots=True, eq=False)
class Segmentation:
    """The segments of one image, the largest first.

    Args:
        mask: uint8 of shape [height, width]: the index of each pixel's class.
    """

    segments: tuple[Segment, ...]
    mask: NDArray[np.uint8]
    model: str
    version: str
    timing: Timing


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """The verdict on one image.

    Args:
        score: How unusual it is; higher is more unusual.
        threshold: Score from which on an image counts as defective.
        defective: Whether the score reaches the threshold.
        heatmap: float32 of shape [rows, columns], over the whole image: how unusual each part is.
        regions: Parts that reach the threshold, the most unusual first.
        picture: PNG of the heatmap over the image; None where none was asked for.
    """

    score: float
    threshold: float
    defective: bool
    heatmap: NDArray[np.float32]
    regions: tuple[Box, ...]
    picture: bytes | None
    model: str
    version: str
    timing: Timing


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether two images show the same: their cosine similarity, and from which on they are taken to."""

    similarity: float
    threshold: float
    same: bool
    model: str
    version: str
    timing: Timing


@dataclass(frozen=True, slots=True, eq=False)
class ImageExplanation:
    """Which parts of an image a label rests on.

    Args:
        heatmap: float32 of shape [rows, columns], over the whole image; higher speaks more for the label.
    """

    heatmap: NDArray[np.float32]
    summary: ExplanationSummary
    model: str
    version: str
    timing: Timing
