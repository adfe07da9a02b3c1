# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy.vision.v1.VisionService``."""

from collections.abc import Iterable

from argosy.vision.v1 import vision_pb2 as pb

from argosy_worker.domains._shared.labels import label_count
from argosy_worker.domains._shared.limits import check_count
from argosy_worker.domains.vision.codec import VisionCodec, prepare
from argosy_worker.domains.vision.source import inspect_images
from argosy_worker.engines.port import Tensors
from argosy_worker.lifecycle.domain import Call, Domain


async def classify(request: pb.ClassifyRequest, call: Call) -> pb.ClassifyResponse:
    """Classifies images."""
    top_k = label_count(request.top_k)
    outputs = await _infer(request.images, call)
    results = call.codec.classes.read(outputs, len(request.images), top_k)
    return pb.ClassifyResponse(results=[pb.ImageClassification(labels=labels) for labels in results])


async def embed(request: pb.EmbedRequest, call: Call) -> pb.EmbedResponse:
    """Embeds images."""
    outputs = await _infer(request.images, call)
    return pb.EmbedResponse(embeddings=call.codec.vectors.read(outputs, len(request.images)))


async def _infer(images: Iterable[pb.Image], call: Call) -> Tensors:
    codec: VisionCodec = call.codec
    images = list(images)
    check_count(len(images), call.config.max_items, "images")
    sources = inspect_images(images)
    batch = await call.offload(codec.decode, sources, payload_bytes=sum(source.cost_bytes for source in sources))
    return await call.infer({codec.port.name: batch})


DOMAIN = Domain(
    name="vision",
    service=pb.DESCRIPTOR.services_by_name["VisionService"],
    methods={"Classify": classify, "Embed": embed},
    prepare=prepare,
)
