# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""From a map of how unusual each part of an image is to a verdict and the parts that led to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from argosy.vision.v1 import vision_pb2 as pb
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import ANY, invalid, output_port
from argosy_worker.domains._shared.outputs import finite_output
from argosy_worker.domains._shared.tensors import from_vectors
from argosy_worker.domains.vision.placement import Placement
from argosy_worker.engines.port import Tensors
from argosy_worker.errors import EngineFault
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.sections.vision import InspectOutput

#: Most regions of an image.
MOST_REGIONS = 100


@dataclass(frozen=True, slots=True)
class InspectionReader:
    """Reads the verdicts of one model."""

    section: InspectOutput
    rank: int
    """Dimensions of the output."""

    def maps(self, outputs: Tensors, placements: Sequence[Placement]) -> list[NDArray[np.float32]]:
        """How unusual each part of each image is, float32 [rows, columns] over the whole image.

        Raises:
            argosy_worker.errors.EngineFault: the output is not as declared, or not finite.
        """
        count = len(placements)
        shape = (count, ANY, ANY) if self.rank == 3 else (count, 1, ANY, ANY)
        array = finite_output(outputs, self.section.output, shape)
        if 0 in array.shape:
            raise EngineFault(f"output {self.section.output!r} is an empty map")
        array = array.reshape(count, *array.shape[-2:]).astype(np.float32, copy=False)
        rows, columns = array.shape[1:]
        return [
            one[placement.indices(1, rows, rows)[:, None], placement.indices(0, columns, columns)]
            for one, placement in zip(array, placements, strict=True)
        ]

    def verdict(self, heat: NDArray[np.float32], placement: Placement) -> pb.ImageInspection:
        """The verdict on one image, without a picture."""
        score, threshold = float(heat.max()), self.section.threshold
        return pb.ImageInspection(
            score=score,
            threshold=threshold,
            defective=score >= threshold,
            heatmap=from_vectors(heat),
            regions=_regions(heat, threshold, placement),
        )

    def shown(self, heat: NDArray[np.float32]) -> NDArray[np.float64]:
        """What a picture shows: only what reaches the threshold, float64 [rows, columns]."""
        return np.where(heat >= self.section.threshold, heat - min(self.section.threshold, 0.0), 0.0)


def _regions(heat: NDArray[Any], threshold: float, placement: Placement) -> list[pb.Box]:
    """Boxes around connected parts that reach the threshold, in pixels of the image, the most unusual first."""
    reached = (heat >= threshold).astype(np.uint8)
    count, places, stats, _ = cv2.connectedComponentsWithStats(reached, connectivity=8)
    peaks = np.full(count, -np.inf)
    np.maximum.at(peaks, places.ravel(), heat.ravel())
    order = np.argsort(-peaks[1:], kind="stable")[:MOST_REGIONS] + 1
    across, down = placement.image[0] / heat.shape[1], placement.image[1] / heat.shape[0]
    return [
        pb.Box(x_min=left * across, y_min=top * down, x_max=(left + width) * across, y_max=(top + height) * down)
        for left, top, width, height, _ in stats[order].tolist()
    ]


def prepare_inspection(graph: LoadedGraph, section: InspectOutput) -> InspectionReader:
    """Checks an output that is a map.

    Raises:
        argosy_worker.errors.ModelInvalid: no such output, or one of another rank or type.
    """
    key = "vision.inspect.output"
    rank = next((len(spec.shape) for spec in graph.outputs if spec.name == section.output), 3) or 3
    output_port(graph, key, section.output, (ANY, ANY) if rank == 3 else (1, ANY, ANY))
    if not np.isfinite(section.threshold):
        raise invalid("vision.inspect.threshold", "must be finite")
    return InspectionReader(section, rank)
