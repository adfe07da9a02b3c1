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
from argosy_worker.domains.vision.pixels import INTERPOLATION, Pixels, load_pixels, quieten_opencv
from argosy_worker.domains.vision.source import Source
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.sections.vision import VisionSection


@dataclass(frozen=True, slots=True)
class VisionCodec:
    """One model's way with images. A pixel becomes ``pixel * factor - offset``."""

    section: VisionSection
    port: Port
    factor: NDArray[np.float32]
    """[1, 1, channels]; as is ``offset``."""
    offset: NDArray[np.float32]
    classes: LabelReader | None
    vectors: VectorReader | None

    def decode(self, sources: Sequence[Source]) -> NDArray[Any]:
        """Images as the graph's input: [images, height, width, channels] or [images, channels, height, width].

        Raises:
            argosy_worker.errors.InvalidInput: IMAGE_CORRUPT.
        """
        section = self.section
        size = (section.height, section.width, self.factor.shape[2])
        batch = np.empty((len(sources), *_arranged(size, section.layout)), self.port.dtype)
        for place, source in zip(batch, sources, strict=True):
            pixels = load_pixels(
                source,
                section.color,
                section.width,
                section.height,
                section.resize,
                INTERPOLATION[section.interpolation],
            )
            self._write(pixels, place if section.layout == "NHWC" else place.transpose(1, 2, 0))
        return batch

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
        factor=(section.scale / std).astype(np.float32),
        offset=(_per_channel("vision.mean", section.mean, channels) / std).astype(np.float32),
        classes=_classes(graph, section),
        vectors=_vectors(graph, section),
    )


def _classes(graph: LoadedGraph, section: VisionSection) -> LabelReader | None:
    if "Classify" not in graph.config.methods:
        return None
    classify = required(section.classify, "vision.classify", "the method Classify")
    return prepare_labels(graph, "vision.classify.output", classify.output, classify.activation)


def _vectors(graph: LoadedGraph, section: VisionSection) -> VectorReader | None:
    if "Embed" not in graph.config.methods:
        return None
    return prepare_vectors(graph, "vision.embed", required(section.embed, "vision.embed", "the method Embed"))


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
