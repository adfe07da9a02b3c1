# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Images: classes, embeddings, objects, segments, defects, comparisons and explanations."""

from typing import TypeVar, overload

from argosy_client.aio_transport import AsyncTransport
from argosy_client.calls import first
from argosy_client.domains import explanations
from argosy_client.domains.vision_calls import (
    NONE,
    PNG,
    classify_call,
    compare_call,
    detect_call,
    embed_call,
    explain_call,
    inspect_call,
    segment_call,
)
from argosy_client.inputs import ImageInput
from argosy_client.results import Embeddings, ImageResult
from argosy_client.transport import Transport
from argosy_client.vision_results import Comparison, Detections, ImageExplanation, Inspection, Segmentation

AnImage = TypeVar("AnImage", bound=ImageInput)
Images = list[AnImage] | tuple[AnImage, ...]


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

    @overload
    def detect(
        self,
        images: ImageInput,
        *,
        model: str | None = None,
        version: str | int | None = None,
        min_score: float | None = None,
        max_detections: int = 0,
        timeout_s: float | None = None,
    ) -> Detections: ...
    @overload
    def detect(
        self,
        images: Images[AnImage],
        *,
        model: str | None = None,
        version: str | int | None = None,
        min_score: float | None = None,
        max_detections: int = 0,
        timeout_s: float | None = None,
    ) -> list[Detections]: ...
    def detect(
        self,
        images: ImageInput | Images[AnImage],
        *,
        model: str | None = None,
        version: str | int | None = None,
        min_score: float | None = None,
        max_detections: int = 0,
        timeout_s: float | None = None,
    ) -> Detections | list[Detections]:
        """Finds objects in one image, or in several in one call.

        Args:
            images: See classify, as model, version and timeout_s.
            min_score: Least score of a detection, from 0 to 1; None selects the model's own.
            max_detections: Most detections of an image, best first; 0 selects 100.

        Returns:
            One result for one image; a list for a list, in its order.
        """
        if isinstance(images, list | tuple):
            return self._transport.send(detect_call(images, model, version, min_score, max_detections), timeout_s)
        return self._transport.send(first(detect_call([images], model, version, min_score, max_detections)), timeout_s)

    @overload
    def segment(
        self,
        images: ImageInput,
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> Segmentation: ...
    @overload
    def segment(
        self,
        images: Images[AnImage],
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> list[Segmentation]: ...
    def segment(
        self,
        images: ImageInput | Images[AnImage],
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> Segmentation | list[Segmentation]:
        """Assigns the pixels of one image, or of several in one call, to classes; see classify."""
        if isinstance(images, list | tuple):
            return self._transport.send(segment_call(images, model, version), timeout_s)
        return self._transport.send(first(segment_call([images], model, version)), timeout_s)

    @overload
    def inspect(
        self,
        images: ImageInput,
        *,
        model: str | None = None,
        version: str | int | None = None,
        picture: bool = False,
        timeout_s: float | None = None,
    ) -> Inspection: ...
    @overload
    def inspect(
        self,
        images: Images[AnImage],
        *,
        model: str | None = None,
        version: str | int | None = None,
        picture: bool = False,
        timeout_s: float | None = None,
    ) -> list[Inspection]: ...
    def inspect(
        self,
        images: ImageInput | Images[AnImage],
        *,
        model: str | None = None,
        version: str | int | None = None,
        picture: bool = False,
        timeout_s: float | None = None,
    ) -> Inspection | list[Inspection]:
        """Looks for defects in one image, or in several in one call.

        Args:
            images: See classify, as model, version and timeout_s.
            picture: Whether to draw the heatmap over the image, as a PNG; at most 16 in one call.

        Returns:
            One result for one image; a list for a list, in its order.
        """
        if isinstance(images, list | tuple):
            return self._transport.send(inspect_call(images, model, version, picture), timeout_s)
        return self._transport.send(first(inspect_call([images], model, version, picture)), timeout_s)

    def compare(
        self,
        one: ImageInput,
        other: ImageInput,
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> Comparison:
        """Tells whether two images show the same, by the similarity of their embeddings."""
        return self._transport.send(compare_call(one, other, model, version), timeout_s)

    def explain(
        self,
        image: ImageInput,
        *,
        model: str | None = None,
        version: str | int | None = None,
        target: str = "",
        method: str = "",
        grid_size: int = 0,
        max_evaluations: int = 0,
        seed: int = 0,
        picture: bool = False,
        timeout_s: float | None = None,
    ) -> ImageExplanation:
        """Explains why an image gets a label, by what the model says while parts of the image are hidden.

        Args:
            image: The image.
            model: Name of the model; None selects the default.
            version: Version number or label; None selects the default.
            target: The label; empty selects the best one.
            method: "occlusion" (hides each part alone) or "rise" (hides half of the parts, many times); empty selects
                occlusion.
            grid_size: Rows and columns of the parts, from 2 to 64; 0 selects 8.
            max_evaluations: Altered images on which the model runs; 0 selects the method's default.
            seed: Seed of random choices.
            picture: Whether to draw the heatmap over the image; ``summary.rendering`` has it, a PNG.
            timeout_s: Deadline in seconds; None selects the client's.
        """
        asked = explanations.options(method, target, max_evaluations, seed, PNG if picture else NONE)
        return self._transport.send(explain_call(image, model, version, asked, grid_size), timeout_s)


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

    @overload
    async def detect(
        self,
        images: ImageInput,
        *,
        model: str | None = None,
        version: str | int | None = None,
        min_score: float | None = None,
        max_detections: int = 0,
        timeout_s: float | None = None,
    ) -> Detections: ...
    @overload
    async def detect(
        self,
        images: Images[AnImage],
        *,
        model: str | None = None,
        version: str | int | None = None,
        min_score: float | None = None,
        max_detections: int = 0,
        timeout_s: float | None = None,
    ) -> list[Detections]: ...
    async def detect(
        self,
        images: ImageInput | Images[AnImage],
        *,
        model: str | None = None,
        version: str | int | None = None,
        min_score: float | None = None,
        max_detections: int = 0,
        timeout_s: float | None = None,
    ) -> Detections | list[Detections]:
        """See Vision.detect."""
        if isinstance(images, list | tuple):
            return await self._transport.send(detect_call(images, model, version, min_score, max_detections), timeout_s)
        return await self._transport.send(
            first(detect_call([images], model, version, min_score, max_detections)), timeout_s
        )

    @overload
    async def segment(
        self,
        images: ImageInput,
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> Segmentation: ...
    @overload
    async def segment(
        self,
        images: Images[AnImage],
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> list[Segmentation]: ...
    async def segment(
        self,
        images: ImageInput | Images[AnImage],
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> Segmentation | list[Segmentation]:
        """See Vision.segment."""
        if isinstance(images, list | tuple):
            return await self._transport.send(segment_call(images, model, version), timeout_s)
        return await self._transport.send(first(segment_call([images], model, version)), timeout_s)

    @overload
    async def inspect(
        self,
        images: ImageInput,
        *,
        model: str | None = None,
        version: str | int | None = None,
        picture: bool = False,
        timeout_s: float | None = None,
    ) -> Inspection: ...
    @overload
    async def inspect(
        self,
        images: Images[AnImage],
        *,
        model: str | None = None,
        version: str | int | None = None,
        picture: bool = False,
        timeout_s: float | None = None,
    ) -> list[Inspection]: ...
    async def inspect(
        self,
        images: ImageInput | Images[AnImage],
        *,
        model: str | None = None,
        version: str | int | None = None,
        picture: bool = False,
        timeout_s: float | None = None,
    ) -> Inspection | list[Inspection]:
        """See Vision.inspect."""
        if isinstance(images, list | tuple):
            return await self._transport.send(inspect_call(images, model, version, picture), timeout_s)
        return await self._transport.send(first(inspect_call([images], model, version, picture)), timeout_s)

    async def compare(
        self,
        one: ImageInput,
        other: ImageInput,
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> Comparison:
        """See Vision.compare."""
        return await self._transport.send(compare_call(one, other, model, version), timeout_s)

    async def explain(
        self,
        image: ImageInput,
        *,
        model: str | None = None,
        version: str | int | None = None,
        target: str = "",
        method: str = "",
        grid_size: int = 0,
        max_evaluations: int = 0,
        seed: int = 0,
        picture: bool = False,
        timeout_s: float | None = None,
    ) -> ImageExplanation:
        """See Vision.explain."""
        asked = explanations.options(method, target, max_evaluations, seed, PNG if picture else NONE)
        return await self._transport.send(explain_call(image, model, version, asked, grid_size), timeout_s)
