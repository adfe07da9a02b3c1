# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about images: what is sent, and how answers are read."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import numpy as np
from argosy.common.v1 import explanation_pb2, tensor_pb2
from argosy.vision.v1 import vision_pb2 as pb
from numpy.typing import NDArray

from argosy_client import inputs
from argosy_client.calls import Call, checked_model, checked_top_k, checked_version, expect
from argosy_client.domains import explanations
from argosy_client.domains.labels import embeddings, label, labels
from argosy_client.errors import bad_answer
from argosy_client.inputs import ImageInput
from argosy_client.results import Embeddings, ImageResult, Timing
from argosy_client.vision_results import (
    Box,
    Comparison,
    Detection,
    Detections,
    ImageExplanation,
    Inspection,
    Segment,
    Segmentation,
)

SERVICE = "/argosy.vision.v1.VisionService"
PNG = explanation_pb2.RENDERING_FORMAT_PNG
NONE = explanation_pb2.RENDERING_FORMAT_UNSPECIFIED
Found = TypeVar("Found")


def classify_call(
    images: Sequence[ImageInput], model: str | None, version: str | int | None, top_k: int
) -> Call[list[ImageResult]]:
    """The call that classifies images."""
    request = pb.ClassifyRequest(**_about(model, version), images=_messages(images), top_k=checked_top_k(top_k))

    def read(answer: pb.ClassifyResponse, timing: Timing) -> list[ImageResult]:
        expect(answer.results, len(images))
        return [ImageResult(labels(one.labels), answer.model, answer.version, timing) for one in answer.results]

    return Call(f"{SERVICE}/Classify", request, pb.ClassifyResponse, read, request.model)


def embed_call(images: Sequence[ImageInput], model: str | None, version: str | int | None) -> Call[Embeddings]:
    """The call that embeds images."""
    request = pb.EmbedRequest(**_about(model, version), images=_messages(images))

    def read(answer: pb.EmbedResponse, timing: Timing) -> Embeddings:
        return embeddings(answer.embeddings, len(images), answer.model, answer.version, timing)

    return Call(f"{SERVICE}/Embed", request, pb.EmbedResponse, read, request.model)


def detect_call(
    images: Sequence[ImageInput],
    model: str | None,
    version: str | int | None,
    min_score: float | None,
    max_detections: int,
) -> Call[list[Detections]]:
    """The call that finds objects."""
    if min_score is not None and not 0 <= min_score <= 1:
        raise ValueError(f"min_score is {min_score}; it must be from 0 to 1")
    if not 0 <= max_detections < 2**31:
        raise ValueError(f"max_detections is {max_detections}; it must be at least 0 (0 selects 100)")
    request = pb.DetectRequest(
        **_about(model, version), images=_messages(images), min_score=min_score, max_detections=max_detections
    )

    def read_one(one: pb.ImageDetections, *about: Any) -> Detections:
        found = tuple(Detection(_box(each.box), label(each.label)) for each in one.detections)
        return Detections(found, one.width, one.height, *about)

    return Call(f"{SERVICE}/Detect", request, pb.DetectResponse, _each(read_one, len(images)), request.model)


def segment_call(
    images: Sequence[ImageInput], model: str | None, version: str | int | None
) -> Call[list[Segmentation]]:
    """The call that assigns pixels to classes. Masks come as run lengths, which need no imaging library."""
    request = pb.SegmentRequest(
        **_about(model, version), images=_messages(images), mask_format=pb.MASK_FORMAT_RUN_LENGTHS
    )

    def read_one(one: pb.ImageSegmentation, *about: Any) -> Segmentation:
        found = tuple(Segment(label(each.label), each.pixel_count) for each in one.segments)
        return Segmentation(found, _mask(one), *about)

    return Call(f"{SERVICE}/Segment", request, pb.SegmentResponse, _each(read_one, len(images)), request.model)


def inspect_call(
    images: Sequence[ImageInput], model: str | None, version: str | int | None, picture: bool
) -> Call[list[Inspection]]:
    """The call that looks for defects."""
    request = pb.InspectRequest(**_about(model, version), images=_messages(images), rendering=PNG if picture else NONE)

    def read_one(one: pb.ImageInspection, *about: Any) -> Inspection:
        regions = tuple(_box(each) for each in one.regions)
        drawn = one.rendering.data if one.HasField("rendering") else None
        return Inspection(one.score, one.threshold, one.defective, _heat(one.heatmap), regions, drawn, *about)

    return Call(f"{SERVICE}/Inspect", request, pb.InspectResponse, _each(read_one, len(images)), request.model)


def compare_call(one: ImageInput, other: ImageInput, model: str | None, version: str | int | None) -> Call[Comparison]:
    """The call that compares two images."""
    request = pb.CompareRequest(**_about(model, version), first=inputs.image(one), second=inputs.image(other))

    def read(answer: pb.CompareResponse, timing: Timing) -> Comparison:
        found = (answer.similarity, answer.threshold, answer.same)
        return Comparison(*found, answer.model, answer.version, timing)

    return Call(f"{SERVICE}/Compare", request, pb.CompareResponse, read, request.model)


def explain_call(
    image: ImageInput,
    model: str | None,
    version: str | int | None,
    options: explanation_pb2.ExplanationOptions,
    grid_size: int,
) -> Call[ImageExplanation]:
    """The call that explains an image's label."""
    if not 0 <= grid_size < 2**31:
        raise ValueError(f"grid_size is {grid_size}; it must be at least 0 (0 selects 8)")
    request = pb.ExplainRequest(
        **_about(model, version), image=inputs.image(image), options=options, grid_size=grid_size
    )

    def read(answer: pb.ExplainResponse, timing: Timing) -> ImageExplanation:
        summary = explanations.summary(answer.summary)
        return ImageExplanation(_heat(answer.heatmap), summary, answer.model, answer.version, timing)

    return Call(f"{SERVICE}/Explain", request, pb.ExplainResponse, read, request.model)


def _about(model: str | None, version: str | int | None) -> dict[str, Any]:
    return {"model": checked_model(model), "version": checked_version(version)}


def _messages(images: Iterable[ImageInput]) -> list[pb.Image]:
    return [inputs.image(one) for one in images]


def _each(read_one: Callable[..., Found], count: int) -> Callable[[Any, Timing], list[Found]]:
    """Reads an answer with one result for each image, each with the model, the version and the timing."""

    def read(answer: Any, timing: Timing) -> list[Found]:
        expect(answer.results, count)
        return [read_one(one, answer.model, answer.version, timing) for one in answer.results]

    return read


def _box(box: pb.Box) -> Box:
    return Box(box.x_min, box.y_min, box.x_max, box.y_max)


def _heat(tensor: tensor_pb2.Tensor) -> NDArray[np.float32]:
    try:
        found = inputs.float_array(tensor)
    except ValueError as error:
        raise bad_answer(f"the server's heatmap cannot be read: {error}") from error
    if found.ndim != 2:
        raise bad_answer(f"the server sent a heatmap of shape {list(found.shape)}")
    return found


def _mask(answer: pb.ImageSegmentation) -> NDArray[np.uint8]:
    """The index of each pixel's class, from the run lengths of all segments."""
    mask = np.zeros(max(answer.width * answer.height, 0), np.uint8)
    for segment in answer.segments:
        lengths = np.fromiter(segment.run_lengths, np.int64, len(segment.run_lengths))
        inside = np.arange(len(lengths)) % 2 == 1
        if (lengths < 0).any() or lengths.sum() > len(mask) or not 0 <= segment.label.index < 256:
            raise bad_answer("the server sent a mask larger than the image, or of a class beyond 255")
        mask[np.flatnonzero(np.repeat(inside, lengths))] = segment.label.index
    return mask.reshape(answer.height, answer.width)
