# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of what was found: a heatmap over the image as it was sent."""

import numpy as np
from argosy.common.v1.explanation_pb2 import Rendering, RenderingFormat
from numpy.typing import NDArray

from argosy_worker.domains._shared.explain import pictures
from argosy_worker.domains.vision.pixels import Target, load_pixels
from argosy_worker.domains.vision.placement import Placement
from argosy_worker.domains.vision.source import Source
from argosy_worker.errors import InvalidInput

#: Longest side of the image below a heatmap, in pixels.
_MOST_SIDE = 1024


def wants_picture(rendering: int) -> bool:
    """Whether a request wants a picture.

    Raises:
        InvalidInput: RENDERING_UNSUPPORTED for anything but PNG.
    """
    if rendering in (RenderingFormat.RENDERING_FORMAT_UNSPECIFIED, RenderingFormat.RENDERING_FORMAT_PNG):
        return rendering == RenderingFormat.RENDERING_FORMAT_PNG
    raise InvalidInput(
        "a picture of an image is a PNG; set rendering to RENDERING_FORMAT_PNG",
        reason="RENDERING_UNSUPPORTED",
        metadata={"rendering": str(rendering)},
    )


def draw(source: Source, placement: Placement, values: NDArray[np.float64], ground: int) -> Rendering:
    """A PNG of the image with a map over it.

    Args:
        source: The image.
        placement: Tells its size.
        values: float64 [rows, columns], over the whole image.
        ground: Grey level that transparent images are laid over.
    """
    scale = min(1.0, _MOST_SIDE / max(placement.image))
    width, height = (max(1, round(side * scale)) for side in placement.image)
    pixels, _ = load_pixels(source, Target("rgb", width, height, ground=ground))
    return Rendering(media_type=pictures.PNG, data=pictures.heatmap(pixels, values))
