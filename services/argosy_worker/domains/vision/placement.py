# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How an image lies in a model's input, and the way back from the input to the image."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Resize = Literal["stretch", "center_crop", "letterbox"]


class Rectangle(NamedTuple):
    """Whole pixels."""

    left: int
    top: int
    width: int
    height: int


class Placement(NamedTuple):
    """A part of the image, resized to a part of the input.

    Axis 0 is horizontal, axis 1 vertical; a coordinate counts from the outer edge of the first pixel.
    """

    image: tuple[int, int]
    """Width and height of the image, in pixels, after EXIF orientation was applied."""
    input: tuple[int, int]
    """Width and height of the model's input, in pixels."""
    part: Rectangle
    """What of the image the model sees."""
    inner: Rectangle
    """Where in the input it lies; the rest is padding."""

    def to_image(self, values: NDArray[np.floating], axis: int) -> NDArray[np.float64]:
        """Coordinates in the input as coordinates in the image, of any shape; those outside of the image stay so."""
        scale = self.part[2 + axis] / self.inner[2 + axis]
        return np.asarray((values - self.inner[axis]) * scale + self.part[axis], np.float64)

    def indices(self, axis: int, count: int, extent: int) -> NDArray[np.intp]:
        """Where evenly spaced points of the image are in a map over the input.

        Args:
            axis: The side along which the points lie.
            count: Number of points, the middles of as many equal parts of the side.
            extent: Extent of the map along that side.

        Returns:
            Indices [count] of the map; what the model does not see takes the nearest that it does.
        """
        points = (np.arange(count) + 0.5) * (self.image[axis] / count)
        scale = self.inner[2 + axis] / self.part[2 + axis]
        start, end = self.inner[axis], self.inner[axis] + self.inner[2 + axis]
        inside = np.clip((points - self.part[axis]) * scale + start, start, end)
        places = np.floor(inside * (extent / self.input[axis])).astype(np.intp)
        last = int(np.ceil(end * (extent / self.input[axis]))) - 1
        return np.asarray(np.minimum(places, min(max(last, 0), extent - 1)), np.intp)

    def cells(self, axis: int, count: int) -> NDArray[np.intp]:
        """In which of ``count`` equal parts of the image's side each pixel of the input lies; -1 for padding."""
        pixels = np.arange(self.input[axis])
        points = self.to_image(pixels + 0.5, axis)
        cells = np.clip(np.floor(points * (count / self.image[axis])), 0, count - 1).astype(np.intp)
        start = self.inner[axis]
        cells[(pixels < start) | (pixels >= start + self.inner[2 + axis])] = -1
        return cells


def place(image: tuple[int, int], target: tuple[int, int], resize: Resize) -> Placement:
    """How an image of a size (width, height) is put into an input of a size."""
    width, height = image
    part, inner = Rectangle(0, 0, *image), Rectangle(0, 0, *target)
    if resize == "center_crop":
        wide = max(1, min(width, round(height * target[0] / target[1])))
        high = max(1, min(height, round(width * target[1] / target[0])))
        part = Rectangle((width - wide) // 2, (height - high) // 2, wide, high)
    elif resize == "letterbox":
        factor = min(target[0] / width, target[1] / height)
        wide = min(target[0], max(1, round(width * factor)))
        high = min(target[1], max(1, round(height * factor)))
        inner = Rectangle((target[0] - wide) // 2, (target[1] - high) // 2, wide, high)
    return Placement(image, target, part, inner)
