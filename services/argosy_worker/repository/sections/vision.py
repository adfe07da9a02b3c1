# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Images."""

from typing import Literal

from pydantic import Field

from argosy_worker.repository.sections.base import ClassOutput, Section, VectorOutput

#: Methods of the domain's service that a model may implement.
METHODS = ("Classify", "Embed")


class VisionSection(Section):
    """How images become the graph's input."""

    input: str = Field(description="Name of the graph's input.")
    width: int = Field(ge=1, le=8192, description="Width of the input, in pixels.")
    height: int = Field(ge=1, le=8192, description="Height of the input, in pixels.")
    color: Literal["gray", "rgb", "bgr"] = Field(default="rgb", description="Channels and their order.")
    layout: Literal["NHWC", "NCHW"] = Field(default="NHWC", description="Order of the input's dimensions.")
    resize: Literal["stretch", "center_crop", "letterbox"] = Field(
        default="stretch",
        description="How an image of another aspect ratio is fitted: stretched, cut at its centre, or padded with "
        "zeros.",
    )
    interpolation: Literal["area", "linear", "cubic", "nearest"] = Field(
        default="area", description="How pixels are interpolated when resizing."
    )
    scale: float = Field(default=1 / 255, description="Factor applied to each 0..255 value, before mean and std.")
    mean: list[float] = Field(
        default=[0.0], description="Subtracted from each channel after scaling; one value or one per channel."
    )
    std: list[float] = Field(
        default=[1.0], description="Divides each channel after mean; one value or one per channel."
    )
    classify: ClassOutput | None = Field(default=None, description="Output read by Classify.")
    embed: VectorOutput | None = Field(default=None, description="Output read by Embed.")
