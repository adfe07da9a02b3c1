# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Images to the graph's input, and what of the model's configuration that takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import (
    Port,
    check_methods,
    check_no_other_inputs,
    input_port,
    invalid,
    required,
)
from argosy_worker.domains._shared.labels import LabelReader, prepare_labels
from argosy_worker.domains._shared.vectors import VectorReader, prepare_vectors
from argosy_worker.domains.vision.detections import DetectionReader, prepare_detections
from argosy_worker.domains.vision.inspection import InspectionReader, prepare_inspection
from argosy_worker.domains.vision.pixels import INTERPOLATION, Pixels, Target, load_pixels, quieten_opencv
from argosy_worker.domains.vision.placement import Placement
from argosy_worker.domains.vision.segments import SegmentReader, prepare_segments
from argosy_worker.domains.vision.source import Source
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.sections.vision import VisionSection


@dataclass(frozen=True, slots=True)
class VisionCodec:
    """One model's way with images. A pixel becomes ``pixel * factor - offset``."""

    section: VisionSection
    port: Port
    target: Target
    factor: NDArray[np.float32]
    """[1, 1, channels]; as is ``offset``."""
    offset: NDArray[np.float32]
    classes: LabelReader | None
    vectors: VectorReader | None
    detections: DetectionReader | None
    segments: SegmentReader | None
    inspection: InspectionReader | None

    def decode(self, sources: Sequence[Source]) -> tuple[NDArray[Any], list[Placement]]:
        """Images as the graph's input, and how each lies in it.

        Returns:
            [images, height, width, channels] or [images, channels, height, width], and one placement for each image.

        Raises:
            argosy_worker.errors.InvalidInput: IMAGE_CORRUPT.
        """
        section = self.section
        size = (section.height, section.width, self.factor.shape[2])
        batch = np.empty((len(sources), *_arranged(size, section.layout)), self.port.dtype)
        placements = []
        for place, source in zip(batch, sources, strict=True):
            pixels, placement = load_pixels(source, self.target)
            self._write(pixels, place if section.layout == "NHWC" else place.transpose(1, 2, 0))
            placements.append(placement)
        return batch, placements

    def _write(self, pixels: Pixels, place: NDArray[Any]) -> None:
        """Writes normalised pixels to their place in the batch, [height, width, channels]."""
        if place.dtype == np.float32:
            np.multiply(pixels, self.factor, out=place)
            np.subtract(place, self.offset, out=place)
            return
        values = pixels * self.factor - self.offset
        if place.dtype.kind in "iu":
            limits = np.iinfo(place.dtype)
            values = np.clip(np.rint(values), limits.min, limits.max)
        place[...] = values


def prepare(graph: LoadedGraph) -> VisionCodec | None:
    """The codec of a model; None for a model without methods.

    Raises:
        argosy_worker.errors.ModelInvalid: configuration and graph do not fit.
    """
    check_methods(graph, "vision")
    if not graph.config.methods:
        return None
    section = required(graph.config.vision, "vision", ", ".join(graph.config.methods))
    channels = 1 if section.color == "gray" else 3
    shape = _arranged((section.height, section.width, channels), section.layout)
    port = input_port(graph, "vision.input", section.input, shape)
    check_no_other_inputs(graph, "vision", [section.input])
    std = _per_channel("vision.std", section.std, channels)
    if not std.all():
        raise invalid("vision.std", "must not hold 0")
    quieten_opencv()
    return VisionCodec(
        section=section,
        port=port,
        target=Target(
            section.color,
            section.width,
            section.height,
            section.resize,
            INTERPOLATION[section.interpolation],
            section.ground,
        ),
        factor=(section.scale / std).astype(np.float32),
        offset=(_per_channel("vision.mean", section.mean, channels) / std).astype(np.float32),
        classes=_classes(graph, section),
        vectors=_vectors(graph, section),
        detections=_detections(graph, section),
        segments=_segments(graph, section),
        inspection=_inspection(graph, section),
    )


def _classes(graph: LoadedGraph, section: VisionSection) -> LabelReader | None:
    needed_by = _needing(graph, "Classify", "Explain")
    if not needed_by:
        return None
    classify = required(section.classify, "vision.classify", needed_by)
    return prepare_labels(graph, "vision.classify.output", classify.output, classify.activation)


def _vectors(graph: LoadedGraph, section: VisionSection) -> VectorReader | None:
    needed_by = _needing(graph, "Embed", "Compare")
    if not needed_by:
        return None
    if "Compare" in graph.config.methods:
        required(section.compare, "vision.compare", "the method Compare")
    return prepare_vectors(graph, "vision.embed", required(section.embed, "vision.embed", needed_by))


def _detections(graph: LoadedGraph, section: VisionSection) -> DetectionReader | None:
    needed_by = _needing(graph, "Detect")
    return prepare_detections(graph, required(section.detect, "vision.detect", needed_by)) if needed_by else None


def _segments(graph: LoadedGraph, section: VisionSection) -> SegmentReader | None:
    needed_by = _needing(graph, "Segment")
    if not needed_by:
        return None
    _sees_all(section, needed_by)
    return prepare_segments(graph, required(section.segment, "vision.segment", needed_by))


def _inspection(graph: LoadedGraph, section: VisionSection) -> InspectionReader | None:
    needed_by = _needing(graph, "Inspect")
    if not needed_by:
        return None
    _sees_all(section, needed_by)
    return prepare_inspection(graph, required(section.inspect, "vision.inspect", needed_by))


def _needing(graph: LoadedGraph, *methods: str) -> str:
    """Those of the methods that the model has, for a message; empty where it has none."""
    named = [method for method in methods if method in graph.config.methods]
    return f"the method {named[0]}" if named else ""


def _sees_all(section: VisionSection, needed_by: str) -> None:
    if section.resize == "center_crop":
        text = f"'center_crop' hides the margins, of which {needed_by} tells; use 'stretch' or 'letterbox'"
        raise invalid("vision.resize", text)


def _per_channel(key: str, values: Sequence[float], channels: int) -> NDArray[np.float64]:
    """Float64 [1, 1, channels]."""
    if len(values) not in (1, channels):
        raise invalid(key, f"has {len(values)} values; it must have 1, or {channels}, one for each channel")
    array = np.broadcast_to(np.asarray(values, np.float64), (1, 1, channels))
    if not np.isfinite(array).all():
        raise invalid(key, "must be finite")
    return array


def _arranged(size: tuple[int, int, int], layout: str) -> tuple[int, int, int]:
    """A size (height, width, channels) in the order of a layout."""
    height, width, channels = size
    return (height, width, channels) if layout == "NHWC" else (channels, height, width)
