# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""From a detector's outputs to the objects in each image, in its own pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from argosy.vision.v1 import vision_pb2 as pb
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import ANY, NUMBERS, invalid, output_port
from argosy_worker.domains._shared.outputs import finite_output
from argosy_worker.domains.vision.classes import class_labels, scored_label
from argosy_worker.domains.vision.placement import Placement
from argosy_worker.engines.port import Tensors
from argosy_worker.errors import EngineFault
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.sections.vision import DetectOutput, SiftedOutputs


class Boxes(NamedTuple):
    """Candidates or detections of one image, the best first."""

    corners: NDArray[np.float64]
    """[boxes, 4]: left, upper, right, lower edge."""
    classes: NDArray[np.intp]
    """[boxes]"""
    scores: NDArray[np.float64]
    """[boxes]"""

    def chosen(self, which: NDArray[np.intp]) -> "Boxes":
        """Some of them, by their places."""
        return Boxes(self.corners[which], self.classes[which], self.scores[which])


@dataclass(frozen=True, slots=True)
class DetectionReader:
    """Reads the detections of one model."""

    section: DetectOutput
    labels: tuple[str, ...]
    counts_rank: int
    """Dimensions of the output of counts; 0 where there is none."""

    def read(
        self, outputs: Tensors, placements: Sequence[Placement], min_score: float, most: int
    ) -> list[pb.ImageDetections]:
        """The detections of each image, best first; equal scores in the order of the output.

        Args:
            outputs: Of the graph.
            placements: How each image lies in the model's input.
            min_score: Least score.
            most: Most detections of an image.

        Raises:
            argosy_worker.errors.EngineFault: an output is not as declared, or not finite.
        """
        sifted = self.section.sifted
        raw = self._sifted(outputs, len(placements), sifted) if sifted else self._candidates(outputs, len(placements))
        return [self._image(*each, min_score, most) for each in zip(raw, placements, strict=True)]

    def _candidates(self, outputs: Tensors, count: int) -> list[Boxes]:
        name = self.section.candidates or ""
        array = finite_output(outputs, name, (count, 4 + len(self.labels) if self.labels else ANY, ANY))
        if array.shape[1] < 5:
            raise EngineFault(f"output {name!r} has {array.shape[1]} rows; there must be 4 for a box and one a class")
        values = array[:, 4:]
        classes = values.argmax(axis=1)
        scores = np.take_along_axis(values, classes[:, None], axis=1)[:, 0].astype(np.float64)
        if self.section.activation == "sigmoid":
            scores = 0.5 * (1.0 + np.tanh(0.5 * scores))
        corners = array[:, :4].transpose(0, 2, 1).astype(np.float64)
        return [Boxes(*each) for each in zip(corners, classes, scores, strict=True)]

    def _sifted(self, outputs: Tensors, count: int, names: SiftedOutputs) -> list[Boxes]:
        scores = finite_output(outputs, names.scores, (count, ANY)).astype(np.float64)
        corners = finite_output(outputs, names.boxes, (*scores.shape, 4)).astype(np.float64)
        classes = np.rint(finite_output(outputs, names.labels, scores.shape)).astype(np.intp)
        real = classes >= 0
        if names.counts:
            counts = finite_output(outputs, names.counts, (count, 1)[: self.counts_rank]).reshape(count, 1)
            real = real & (np.arange(scores.shape[1])[None] < counts)
        return [Boxes(corners[n], classes[n], scores[n]).chosen(np.flatnonzero(real[n])) for n in range(count)]

    def _image(self, found: Boxes, placement: Placement, min_score: float, most: int) -> pb.ImageDetections:
        found = best(found, min_score, self.section.max_candidates)
        found = found._replace(corners=self._in_image(found.corners, placement))
        found = found.chosen(np.flatnonzero((found.corners[:, 2:] > found.corners[:, :2]).all(axis=1)))
        if self.section.sifted is None:
            found = found.chosen(without_overlaps(found, self.section.max_overlap, most))
        elif len(found.scores) > most:
            found = found.chosen(np.arange(most))
        return pb.ImageDetections(
            detections=[self._detection(*each) for each in zip(*found, strict=True)],
            width=placement.image[0],
            height=placement.image[1],
        )

    def _in_image(self, values: NDArray[np.float64], placement: Placement) -> NDArray[np.float64]:
        """Corners in pixels of the image, within it, in single precision, as a message holds them."""
        corners = values
        if self.section.box_format == "center":
            half = values[:, 2:] / 2
            corners = np.concatenate([values[:, :2] - half, values[:, :2] + half], axis=1)
        if self.section.box_unit == "fraction":
            corners = corners * np.array([*placement.input, *placement.input], np.float64)
        for axis in (0, 1):
            edges = placement.to_image(corners[:, axis::2], axis)
            corners[:, axis::2] = np.clip(edges, 0, placement.image[axis])
        return corners.astype(np.float32).astype(np.float64)

    def _detection(self, corners: NDArray[np.float64], index: np.intp, score: float) -> pb.Detection:
        left, top, right, bottom = corners.tolist()
        box = pb.Box(x_min=left, y_min=top, x_max=right, y_max=bottom)
        return pb.Detection(box=box, label=scored_label(self.labels, int(index), float(score)))


def best(found: Boxes, min_score: float, most: int) -> Boxes:
    """Those of at least a score, best first, at most so many."""
    places = np.flatnonzero(found.scores >= min_score)
    if len(places) > most:
        places = np.sort(places[np.argpartition(-found.scores[places], most - 1)[:most]])
    return found.chosen(places[np.argsort(-found.scores[places], kind="stable")])


def without_overlaps(found: Boxes, max_overlap: float, most: int) -> NDArray[np.intp]:
    """Places of the boxes that no better one of the same class overlaps by more, at most so many.

    ``found`` is sorted by score. Takes time in proportion to the boxes times those that are kept.
    """
    low, high = found.corners[:, :2], found.corners[:, 2:]
    areas = (high - low).prod(axis=1)
    left = np.arange(len(areas))
    kept: list[int] = []
    while len(left) and len(kept) < most:
        one, left = int(left[0]), left[1:]
        kept.append(one)
        shared = (np.minimum(high[one], high[left]) - np.maximum(low[one], low[left])).clip(0).prod(axis=1)
        close = shared > max_overlap * (areas[one] + areas[left] - shared)
        left = left[~(close & (found.classes[left] == found.classes[one]))]
    return np.array(kept, np.intp)


def prepare_detections(graph: LoadedGraph, section: DetectOutput) -> DetectionReader:
    """Checks a detector's outputs.

    Raises:
        argosy_worker.errors.ModelInvalid: no such output, or one of another rank or type; labels do not fit.
    """
    labels = class_labels(graph, section.class_labels)
    if section.sifted is None:
        key, name = "vision.detect.candidates", section.candidates or ""
        rows = output_port(graph, key, name, (ANY, ANY)).extent(0)
        if rows != ANY and (rows < 5 or (labels and rows != 4 + len(labels))):
            wanted = 4 + len(labels) if labels else "at least 5"
            raise invalid(key, f"the output {name!r} has {rows} rows; it must have {wanted}: 4 and one for each class")
        return DetectionReader(section, labels, 0)
    key, names = "vision.detect.sifted", section.sifted
    output_port(graph, f"{key}.boxes", names.boxes, (ANY, 4))
    output_port(graph, f"{key}.labels", names.labels, (ANY,), NUMBERS)
    output_port(graph, f"{key}.scores", names.scores, (ANY,))
    rank = 0
    if names.counts:
        rank = next((len(spec.shape) for spec in graph.outputs if spec.name == names.counts), 1) or 1
        output_port(graph, f"{key}.counts", names.counts, () if rank == 1 else (1,), NUMBERS)
    return DetectionReader(section, labels, rank)
