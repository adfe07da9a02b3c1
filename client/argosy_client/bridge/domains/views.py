# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The pictures that a graph takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from argosy_client.bridge.plan import Facts

_CHANNELS = (1, 3)
#: Extent that is taken where the graph fixes none, in pixels.
_EXTENT = 224


@dataclass(frozen=True, slots=True)
class View:
    """A picture as the graph takes it; extents in pixels, "NCHW" or "NHWC"."""

    height: int
    width: int
    channels: int
    layout: str

    def covered(self, rows: int, columns: int) -> bool:
        """Whether a map of so many rows and columns may lie over the picture: of its form, and finer or coarser."""
        form = self.height * columns == self.width * rows
        return form and min(rows, columns) > 1 and (self.height % rows == 0 or rows % self.height == 0)


def view_of(facts: Facts) -> View:
    """The pictures that the graph takes; of the usual size where it fixes none."""
    dims = facts.dims(facts.graph.inputs[0])
    layout = layout_of(dims)
    sizes = dims[2:] if layout == "NCHW" else dims[1:3]
    height, width = (
        size if isinstance(size, int) else _size(facts.companions.preprocessing, key)
        for size, key in zip(sizes, ("height", "width"), strict=True)
    )
    return View(height, width, int(dims[1] if layout == "NCHW" else dims[3]), layout)


def layout_of(dims: tuple[int | str, ...]) -> str:
    """The order of the dimensions of pictures; empty for what is no picture."""
    if len(dims) != 4:
        return ""
    if dims[1] in _CHANNELS and dims[3] not in _CHANNELS:
        return "NCHW"
    return "NHWC" if dims[3] in _CHANNELS else "NCHW" if dims[1] in _CHANNELS else ""


def _size(said: Mapping[str, Any], key: str) -> int:
    for name in ("crop_size", "size"):
        size = said.get(name)
        if isinstance(size, int):
            return size
        if isinstance(size, Mapping):
            found = size.get(key) or size.get("shortest_edge")
            if isinstance(found, int):
                return found
    return _EXTENT
