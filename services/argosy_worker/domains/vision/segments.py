# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""From an output with one map for each class, or the class of each pixel, to the segments of each image."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from argosy.vision.v1 import vision_pb2 as pb
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import ANY, NUMBERS, invalid, output_port
from argosy_worker.domains._shared.outputs import finite_output
from argosy_worker.domains.vision.classes import class_labels, scored_label
from argosy_worker.domains.vision.placement import Placement
from argosy_worker.engines.port import Tensors
from argosy_worker.errors import EngineFault, InvalidInput
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.sections.vision import SegmentOutput

#: Most classes: a mask has 8 bits a pixel.
MOST_CLASSES = 256
#: Most run lengths in one answer.
MOST_RUN_LENGTHS = 8_000_000


@dataclass(frozen=True, slots=True)
class SegmentReader:
    """Reads the segments of one model."""

    section: SegmentOutput
    labels: tuple[str, ...]
    maps: bool
    """Whether the output has one map for each class; else it is the class of each pixel."""

    def read(self, outputs: Tensors, placements: Sequence[Placement], form: int) -> list[pb.ImageSegmentation]:
        """The segments of each image; every pixel has the class of the part of the map that it lies in.

        Args:
            outputs: Of the graph.
            placements: How each image lies in the model's input.
            form: A ``MaskFormat``.

        Raises:
            argosy_worker.errors.EngineFault: the output is not as declared, or not finite.
            argosy_worker.errors.InvalidInput: MASK_TOO_DETAILED, where there would be too many run lengths.
        """
        array = finite_output(outputs, self.section.output, (len(placements), *((ANY,) * (3 if self.maps else 2))))
        if 0 in array.shape:
            raise EngineFault(f"output {self.section.output!r} is an empty map")
        answers, lengths = [], 0
        for one, placement in zip(array, placements, strict=True):
            answers.append(self._image(*self._classes(one), placement, form))
            lengths += sum(len(segment.run_lengths) for segment in answers[-1].segments)
            if lengths > MOST_RUN_LENGTHS:
                raise InvalidInput(
                    f"the masks have over {MOST_RUN_LENGTHS:,} run lengths; ask for MASK_FORMAT_PNG, or send fewer "
                    "images",
                    reason="MASK_TOO_DETAILED",
                    metadata={"limit": str(MOST_RUN_LENGTHS)},
                )
        return answers

    def _classes(self, array: NDArray[Any]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """The class of each place of a map and its score, both [rows, columns]."""
        if not self.maps:
            if array.size and not 0 <= array.min() <= array.max() < MOST_CLASSES:
                raise EngineFault(f"output {self.section.output!r} holds classes outside of 0 to {MOST_CLASSES - 1}")
            return array.astype(np.uint8), np.ones(array.shape, np.float32)
        maps = (array if self.section.layout == "NCHW" else array.transpose(2, 0, 1)).astype(np.float32)
        if len(maps) > MOST_CLASSES:
            raise EngineFault(
                f"output {self.section.output!r} has {len(maps)} classes; at most {MOST_CLASSES} are read"
            )
        if self.section.activation == "softmax":
            maps = np.exp(maps - maps.max(axis=0))
            maps /= maps.sum(axis=0)
        elif self.section.activation == "sigmoid":
            maps = 0.5 * (1.0 + np.tanh(0.5 * maps))
        if len(maps) == 1:
            maps = np.concatenate([1.0 - maps, maps])
        return maps.argmax(axis=0).astype(np.uint8), maps.max(axis=0)

    def _image(
        self, classes: NDArray[np.uint8], scores: NDArray[np.float32], placement: Placement, form: int
    ) -> pb.ImageSegmentation:
        width, height = placement.image
        rows, columns = placement.indices(1, height, classes.shape[0]), placement.indices(0, width, classes.shape[1])
        counts = np.outer(np.bincount(rows, minlength=len(classes)), np.bincount(columns, minlength=classes.shape[1]))
        flat = classes.ravel()
        sizes = np.bincount(flat, counts.ravel(), MOST_CLASSES).astype(np.int64)
        totals = np.bincount(flat, (counts * scores).ravel(), MOST_CLASSES)
        mask = classes[rows[:, None], columns]
        answer = pb.ImageSegmentation(width=width, height=height)
        runs = None if form == pb.MASK_FORMAT_PNG else _runs(mask)
        for index in np.argsort(-sizes, kind="stable")[: np.count_nonzero(sizes)].tolist():
            label = scored_label(self.labels, index, float(totals[index] / sizes[index]))
            segment = answer.segments.add(label=label, pixel_count=int(sizes[index]))
            if runs is not None:
                segment.run_lengths.extend(_run_lengths(*runs, index, mask.size))
        if runs is None:
            answer.png = cv2.imencode(".png", mask)[1].tobytes()
        return answer


def _runs(mask: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.uint8]]:
    """Where runs of one class start and end in a mask's pixels, row after row, and their classes."""
    flat = mask.ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    starts = np.concatenate([np.zeros(1, np.intp), changes])
    return starts, np.append(changes, flat.size), flat[starts]


def _run_lengths(
    starts: NDArray[np.intp], ends: NDArray[np.intp], classes: NDArray[np.uint8], index: int, size: int
) -> NDArray[np.intp]:
    """Lengths of the runs outside and inside of one class, by turns; together they are ``size``."""
    mine = classes == index
    edges = np.stack([starts[mine], ends[mine]], axis=1).ravel()
    lengths = np.diff(edges, prepend=0, append=size)
    return np.asarray(lengths if lengths[-1] else lengths[:-1], np.intp)


def prepare_segments(graph: LoadedGraph, section: SegmentOutput) -> SegmentReader:
    """Checks an output of segments.

    Raises:
        argosy_worker.errors.ModelInvalid: no such output, or one of another rank or type; labels do not fit.
    """
    key, labels = "vision.segment.output", class_labels(graph, section.class_labels)
    spec = next((spec for spec in graph.outputs if spec.name == section.output), None)
    if spec is not None and "INT" in spec.datatype:
        output_port(graph, key, section.output, (ANY, ANY), NUMBERS)
        return SegmentReader(section, labels, maps=False)
    extents = (ANY, ANY, ANY)
    classes = output_port(graph, key, section.output, extents).extent(0 if section.layout == "NCHW" else 2)
    classes = 2 if classes == 1 else classes
    if classes > MOST_CLASSES or (classes != ANY and labels and len(labels) != classes):
        known = f"{len(labels)} labels are named" if labels else f"at most {MOST_CLASSES} are read"
        raise invalid(key, f"the output {section.output!r} has {classes} classes, and {known}")
    return SegmentReader(section, labels, maps=True)
