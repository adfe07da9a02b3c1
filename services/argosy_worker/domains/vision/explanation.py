# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Why an image gets a label: what the model says while parts of the image are hidden."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from argosy.vision.v1 import vision_pb2 as pb
from numpy.typing import NDArray

from argosy_worker.domains._shared.explain.explaining import Explanation, Method, explain
from argosy_worker.domains._shared.explain.game import Fillers, Game, Masks
from argosy_worker.domains._shared.labels import LabelReader
from argosy_worker.domains.vision.placement import Placement
from argosy_worker.engines.port import Tensors
from argosy_worker.errors import InvalidInput
from argosy_worker.lifecycle.domain import Call

#: Methods by name; the first is the default.
OFFERED: dict[str, Method] = {"occlusion": "occlusion", "rise": "rise"}
DEFAULT_GRID, LEAST_GRID, MOST_GRID = 8, 2, 64


@dataclass(frozen=True, slots=True)
class HiddenParts:
    """Inputs in which parts of an image are hidden behind its mean colour."""

    image: NDArray[Any]
    """The graph's input without the batch dimension."""
    parts: NDArray[np.intp]
    """In which part of the image each pixel of the input lies, -1 where in none: [height, width], or with a dimension
    of extent 1 for the channels."""
    filler: NDArray[Any]
    """What stands in for what is hidden; broadcasts against the image."""

    def inputs(self, masks: Masks) -> NDArray[Any]:
        """One input for each mask, [masks, ...]."""
        shown = np.concatenate([masks, np.ones((len(masks), 1), bool)], axis=1)  # the last stands for -1
        return np.where(shown[:, self.parts], self.image, self.filler)


def hidden_parts(image: NDArray[Any], placement: Placement, layout: str, grid: int) -> HiddenParts:
    """The parts of an image cut by a grid over the whole of it, as sent.

    Args:
        image: The graph's input of one image, normalised.
        placement: How the image lies in it.
        layout: "NHWC" or "NCHW".
        grid: Rows and columns.
    """
    rows, columns = placement.cells(1, grid)[:, None], placement.cells(0, grid)[None]
    parts = np.where((rows < 0) | (columns < 0), -1, rows * grid + columns)
    channels = 2 if layout == "NHWC" else 0
    axes = (0, 1) if layout == "NHWC" else (1, 2)
    inner = image.compress((rows >= 0).ravel(), axes[0]).compress((columns >= 0).ravel(), axes[1])
    filler = inner.mean(axis=axes, keepdims=True).astype(image.dtype)
    return HiddenParts(image, np.expand_dims(parts, channels), filler)


def chosen_grid(size: int) -> int:
    """Rows and columns that a request wants.

    Raises:
        InvalidInput: GRID_OUT_OF_RANGE.
    """
    if size and not LEAST_GRID <= size <= MOST_GRID:
        raise InvalidInput(
            f"grid_size is {size}; it must be from {LEAST_GRID} to {MOST_GRID} (0 selects {DEFAULT_GRID})",
            reason="GRID_OUT_OF_RANGE",
            metadata={"grid_size": str(size)},
        )
    return size or DEFAULT_GRID


async def explain_image(
    request: pb.ExplainRequest, call: Call, name: str, hidden: HiddenParts, grid: int
) -> Explanation:
    """Explains the label of an image.

    Args:
        request: What is wanted.
        call: The call.
        name: Name of the graph's input.
        hidden: The image and its parts.
        grid: Rows and columns of the parts.

    Raises:
        InvalidInput: TARGET_UNKNOWN; see also :func:`explain`.
        argosy_worker.errors.ArgosyError: see :meth:`Call.infer`.
    """
    classes: LabelReader = call.codec.classes
    whole = classes.probabilities(await call.infer({name: hidden.image[None]}), 1)[0]
    target = chosen_target(request.options.target, classes, whole)

    def inputs(masks: Masks, _: Fillers) -> Tensors:
        return {name: hidden.inputs(masks)}

    def score(outputs: Tensors, count: int) -> NDArray[np.float64]:
        return classes.probabilities(outputs, count)[:, target]

    game = Game(call, grid * grid, inputs, score, item_bytes=hidden.image.nbytes)
    return await explain(game, request.options, OFFERED, class_name(classes, target), call.codec.section.explain)


def chosen_target(wanted: str, classes: LabelReader, scores: NDArray[np.float64]) -> int:
    """The class to explain: that of a name, or the best where none is given.

    Raises:
        InvalidInput: TARGET_UNKNOWN.
    """
    if not wanted:
        return int(scores.argmax())
    for index in range(len(scores)):
        if class_name(classes, index) == wanted:
            return index
    raise InvalidInput(
        f"options.target is {wanted!r}, which is no label of the model; leave it empty for the best one",
        reason="TARGET_UNKNOWN",
        metadata={"target": wanted},
    )


def class_name(classes: LabelReader, index: int) -> str:
    """A class by its name, or its index where the model has no labels."""
    return classes.labels[index] if classes.labels else str(index)
