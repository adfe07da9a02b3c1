# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Images: classes and embeddings."""

from collections.abc import Sequence
from typing import TypeVar, overload

from argosy.vision.v1 import vision_pb2

from argosy_client import inputs
from argosy_client.aio_transport import AsyncTransport
from argosy_client.calls import Call, checked_model, checked_top_k, checked_version, expect, first
from argosy_client.domains.labels import embeddings, labels
from argosy_client.inputs import ImageInput
from argosy_client.results import Embeddings, ImageResult, Timing
from argosy_client.transport import Transport

SERVICE = "/argosy.vision.v1.VisionService"
AnImage = TypeVar("AnImage", bound=ImageInput)
Images = list[AnImage] | tuple[AnImage, ...]


def classify_call(
    images: Sequence[ImageInput], model: str | None, version: str | int | None, top_k: int
) -> Call[list[ImageResult]]:
    """The call that classifies images."""
    request = vision_pb2.ClassifyRequest(
        model=checked_model(model),
        version=checked_version(version),
        images=[inputs.image(one) for one in images],
        top_k=checked_top_k(top_k),
    )

    def read(answer: vision_pb2.ClassifyResponse, timing: Timing) -> list[ImageResult]:
        expect(answer.results, len(images))
        return [ImageResult(labels(one.labels), answer.model, answer.version, timing) for one in answer.results]

    return Call(f"{SERVICE}/Classify", request, vision_pb2.ClassifyResponse, read, request.model)


def embed_call(images: Sequence[ImageInput], model: str | None, version: str | int | None) -> Call[Embeddings]:
    """The call that embeds images."""
    request = vision_pb2.EmbedRequest(
        model=checked_model(model), version=checked_version(version), images=[inputs.image(one) for one in images]
    )

    def read(answer: vision_pb2.EmbedResponse, timing: Timing) -> Embeddings:
        return embeddings(answer.embeddings, len(images), answer.model, answer.version, timing)

    return Call(f"{SERVICE}/Embed", request, vision_pb2.EmbedResponse, read, request.model)


class Vision:
    """Answers questions about images.

    An image is a path, the bytes of a PNG, JPEG, WebP or BMP file, or pixels as a uint8 array of shape [height, width]
    or [height, width, channels] (1 grey, 3 RGB, 4 RGBA). Every method raises ArgosyError for a call that failed, and
    ValueError or OSError for an input that cannot be sent.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @overload
    def classify(
        self,
        images: ImageInput,
        *,
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> ImageResult: ...
    @overload
    def classify(
        self,
        images: Images[AnImage],
        *,
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> list[ImageResult]: ...
    def classify(
        self,
        images: ImageInput | Images[AnImage],
        *,
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> ImageResult | list[ImageResult]:
        """Classifies one image, or several in one call.

        Args:
            images: An image, or a list of images.
            model: Name of the model; None selects the default.
            version: Version number or label; None selects the default.
            top_k: Labels wanted for each image; 0 selects 5.
            timeout_s: Deadline in seconds; None selects the client's.

        Returns:
            One result for one image; a list for a list, in its order.
        """
        if isinstance(images, list | tuple):
            return self._transport.send(classify_call(images, model, version, top_k), timeout_s)
        return self._transport.send(first(classify_call([images], model, version, top_k)), timeout_s)

    def embed(
        self,
        images: ImageInput | Images[AnImage],
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> Embeddings:
        """Embeds one image or several; the result holds float32 vectors of shape [images, dimensions]."""
        many = images if isinstance(images, list | tuple) else [images]
        return self._transport.send(embed_call(many, model, version), timeout_s)


class AsyncVision:
    """Vision for asyncio: the same methods, awaited. Paths are read in place; hand in bytes where a disc is slow."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    @overload
    async def classify(
        self,
        images: ImageInput,
        *,
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> ImageResult: ...
    @overload
    async def classify(
        self,
        images: Images[AnImage],
        *,
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> list[ImageResult]: ...
    async def classify(
        self,
        images: ImageInput | Images[AnImage],
        *,
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> ImageResult | list[ImageResult]:
        """See Vision.classify."""
        if isinstance(images, list | tuple):
            return await self._transport.send(classify_call(images, model, version, top_k), timeout_s)
        return await self._transport.send(first(classify_call([images], model, version, top_k)), timeout_s)

    async def embed(
        self,
        images: ImageInput | Images[AnImage],
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> Embeddings:
        """See Vision.embed."""
        many = images if isinstance(images, list | tuple) else [images]
        return await self._transport.send(embed_call(many, model, version), timeout_s)
