# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy.vision.v1.VisionService``."""

import math
from collections.abc import Iterable, Sequence

import numpy as np
from argosy.vision.v1 import vision_pb2 as pb

from argosy_worker.domains._shared.labels import label_count
from argosy_worker.domains._shared.limits import check_count
from argosy_worker.domains._shared.tensors import from_vectors
from argosy_worker.domains.vision.codec import VisionCodec, prepare
from argosy_worker.domains.vision.explanation import chosen_grid, explain_image, hidden_parts
from argosy_worker.domains.vision.picture import draw, wants_picture
from argosy_worker.domains.vision.placement import Placement
from argosy_worker.domains.vision.requests import (
    check_mask_sizes,
    check_pictures,
    chosen_mask_format,
    chosen_max_detections,
    chosen_min_score,
)
from argosy_worker.domains.vision.source import Source, inspect_image, inspect_images
from argosy_worker.engines.port import Tensors
from argosy_worker.lifecycle.domain import Call, Domain

#: Shorter vectors than this are like no other.
_LEAST_LENGTH = 1e-12


async def classify(request: pb.ClassifyRequest, call: Call) -> pb.ClassifyResponse:
    """Classifies images."""
    top_k = label_count(request.top_k)
    outputs, _ = await _infer(_sources(request.images, call), call)
    results = call.codec.classes.read(outputs, len(request.images), top_k)
    return pb.ClassifyResponse(results=[pb.ImageClassification(labels=labels) for labels in results])


async def embed(request: pb.EmbedRequest, call: Call) -> pb.EmbedResponse:
    """Embeds images."""
    outputs, _ = await _infer(_sources(request.images, call), call)
    return pb.EmbedResponse(embeddings=call.codec.vectors.read(outputs, len(request.images)))


async def detect(request: pb.DetectRequest, call: Call) -> pb.DetectResponse:
    """Finds objects in images."""
    section = call.codec.section.detect
    min_score = chosen_min_score(request, section)
    most = chosen_max_detections(request.max_detections, section)
    outputs, placements = await _infer(_sources(request.images, call), call)
    read = call.codec.detections.read
    size = _size(outputs)
    return pb.DetectResponse(results=await call.offload(read, outputs, placements, min_score, most, payload_bytes=size))


async def segment(request: pb.SegmentRequest, call: Call) -> pb.SegmentResponse:
    """Assigns the pixels of images to classes."""
    form = chosen_mask_format(request.mask_format)
    sources = _sources(request.images, call)
    check_mask_sizes(sources)
    outputs, placements = await _infer(sources, call)
    size = _size(outputs) + sum(math.prod(source.size) for source in sources)
    read = call.codec.segments.read
    return pb.SegmentResponse(results=await call.offload(read, outputs, placements, form, payload_bytes=size))


async def inspect(request: pb.InspectRequest, call: Call) -> pb.InspectResponse:
    """Looks for defects in images."""
    drawn = wants_picture(request.rendering)
    sources = _sources(request.images, call)
    check_pictures(len(sources) if drawn else 0)
    outputs, placements = await _infer(sources, call)
    size = _size(outputs) + (sum(source.cost_bytes for source in sources) if drawn else 0)
    results = await call.offload(_verdicts, call.codec, outputs, sources, placements, drawn, payload_bytes=size)
    return pb.InspectResponse(results=results)


def _verdicts(
    codec: VisionCodec, outputs: Tensors, sources: Sequence[Source], placements: Sequence[Placement], drawn: bool
) -> list[pb.ImageInspection]:
    reader = codec.inspection
    assert reader is not None  # noqa: S101 - a model with the method Inspect has one
    results = []
    for heat, source, placement in zip(reader.maps(outputs, placements), sources, placements, strict=True):
        result = reader.verdict(heat, placement)
        if drawn:
            result.rendering.CopyFrom(draw(source, placement, reader.shown(heat), codec.section.ground))
        results.append(result)
    return results


async def compare(request: pb.CompareRequest, call: Call) -> pb.CompareResponse:
    """Tells whether two images show the same."""
    sources = [inspect_image(request.first, "first"), inspect_image(request.second, "second")]
    outputs, _ = await _infer(sources, call)
    first, second = call.codec.vectors.vectors(outputs, 2).astype(np.float64)
    length = math.sqrt(float(first @ first) * float(second @ second))
    # In single precision, so that the verdict is what the numbers of the answer say.
    similarity = np.float32(np.clip(first @ second / length, -1, 1) if length > _LEAST_LENGTH else 0.0)
    threshold = np.float32(call.codec.section.compare.threshold)
    return pb.CompareResponse(
        similarity=float(similarity), threshold=float(threshold), same=bool(similarity >= threshold)
    )


async def explain(request: pb.ExplainRequest, call: Call) -> pb.ExplainResponse:
    """Explains why an image gets a label."""
    codec: VisionCodec = call.codec
    grid = chosen_grid(request.grid_size)
    drawn = wants_picture(request.options.rendering)
    source = inspect_image(request.image, "image")
    batch, (placement,) = await call.offload(codec.decode, [source], payload_bytes=source.cost_bytes)
    hidden = hidden_parts(batch[0], placement, codec.section.layout, grid)
    found = await explain_image(request, call, codec.port.name, hidden, grid)
    heat = found.attributions.reshape(grid, grid)
    if drawn:
        size = source.cost_bytes
        picture = await call.offload(draw, source, placement, heat, codec.section.ground, payload_bytes=size)
        found.summary.rendering.CopyFrom(picture)
    return pb.ExplainResponse(summary=found.summary, heatmap=from_vectors(heat))


def _sources(images: Iterable[pb.Image], call: Call) -> list[Source]:
    """The images of a request, checked without decoding."""
    images = list(images)
    check_count(len(images), call.config.max_items, "images")
    return inspect_images(images)


async def _infer(sources: Sequence[Source], call: Call) -> tuple[Tensors, list[Placement]]:
    codec: VisionCodec = call.codec
    size = sum(source.cost_bytes for source in sources)
    batch, placements = await call.offload(codec.decode, sources, payload_bytes=size)
    return await call.infer({codec.port.name: batch}), placements


def _size(outputs: Tensors) -> int:
    return sum(array.nbytes for array in outputs.values())


DOMAIN = Domain(
    name="vision",
    service=pb.DESCRIPTOR.services_by_name["VisionService"],
    methods={
        "Classify": classify,
        "Embed": embed,
        "Detect": detect,
        "Segment": segment,
        "Inspect": inspect,
        "Compare": compare,
        "Explain": explain,
    },
    prepare=prepare,
)
