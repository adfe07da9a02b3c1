# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Images."""

from typing import Literal

from pydantic import Field, model_validator

from argosy_worker.repository.sections.base import ClassOutput, ExplainSection, Section, VectorOutput

#: Methods of the domain's service that a model may implement.
METHODS = ("Classify", "Embed", "Detect", "Segment", "Inspect", "Compare", "Explain")

_CLASS_LABELS = "Names of the classes in the order of the output; empty takes labels_file's."


class SiftedOutputs(Section):
    """Outputs of a graph that drops detections that overlap by itself."""

    boxes: str = Field(description="Name of the graph's output of boxes, FP32 of shape [batch, detections, 4].")
    labels: str = Field(
        description="Output of classes, an integer or floating type of shape [batch, detections]; a negative one means "
        "that there is no detection."
    )
    scores: str = Field(description="Output of scores in [0, 1], FP32 of shape [batch, detections].")
    counts: str | None = Field(
        default=None,
        description="Output of how many detections each image has, [batch] or [batch, 1]; those after them are not "
        "read. Null: all are read.",
    )


class DetectOutput(Section):
    """How outputs become boxes. Set either 'candidates' or 'sifted'."""

    candidates: str | None = Field(
        default=None,
        description="Name of the graph's output of all candidates, FP32 of shape [batch, 4 + classes, anchors]; the "
        "worker drops those that overlap a better one of the same class.",
    )
    sifted: SiftedOutputs | None = Field(
        default=None, description="Outputs of a graph that drops what overlaps by itself."
    )
    box_format: Literal["center", "corners"] = Field(
        default="center",
        description="The four numbers of a box: centre x, centre y, width, height; or left, upper, right, lower edge.",
    )
    box_unit: Literal["pixels", "fraction"] = Field(
        default="pixels", description="What they count: pixels of the model's input, or parts of its width and height."
    )
    activation: Literal["none", "sigmoid"] = Field(
        default="none", description="candidates: what turns the classes' values into scores in [0, 1]."
    )
    min_score: float = Field(
        default=0.25, ge=0, le=1, description="Least score of a detection, where a request does not say."
    )
    max_overlap: float = Field(
        default=0.45,
        ge=0,
        le=1,
        description="candidates: largest overlap (intersection over union) with a better detection of the same class.",
    )
    max_candidates: int = Field(
        default=1000, ge=1, le=10_000, description="candidates: how many of an image, the best ones, are looked at."
    )
    max_detections: int = Field(
        default=300, ge=1, le=10_000, description="Most detections of an image, whatever a request asks for."
    )
    class_labels: list[str] = Field(default=[], description=_CLASS_LABELS)

    @model_validator(mode="after")
    def _one_layout(self) -> "DetectOutput":
        if (self.candidates is None) == (self.sifted is None):
            raise ValueError("set one of candidates and sifted")
        return self


class SegmentOutput(Section):
    """How an output becomes a class for each pixel."""

    output: str = Field(
        description="Name of the graph's output: FP32 with one map for each class, or an integer type of shape "
        "[batch, height, width] with the class of each pixel. A single map is that of the second of two classes."
    )
    layout: Literal["NCHW", "NHWC"] = Field(default="NCHW", description="Order of the dimensions of one map a class.")
    activation: Literal["none", "softmax", "sigmoid"] = Field(
        default="none", description="What turns the maps into scores in [0, 1]."
    )
    class_labels: list[str] = Field(default=[], description=_CLASS_LABELS)


class InspectOutput(Section):
    """How an output becomes a verdict."""

    output: str = Field(
        description="Name of the graph's output, FP32 of shape [batch, rows, columns] or [batch, 1, rows, columns]: "
        "how unusual each part of the image is. The largest value is the image's score."
    )
    threshold: float = Field(description="Score from which on an image counts as defective.")


class CompareSection(Section):
    """When two images are taken to show the same."""

    threshold: float = Field(ge=-1, le=1, description="Least cosine similarity of the vectors of 'embed'.")


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
        "the ground.",
    )
    ground: int = Field(
        default=0,
        ge=0,
        le=255,
        description="Grey level that transparent images are laid over and 'letterbox' pads with.",
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
    detect: DetectOutput | None = Field(default=None, description="Outputs read by Detect.")
    segment: SegmentOutput | None = Field(default=None, description="Output read by Segment.")
    inspect: InspectOutput | None = Field(default=None, description="Output read by Inspect.")
    compare: CompareSection | None = Field(default=None, description="Threshold of Compare.")
    explain: ExplainSection = Field(default_factory=ExplainSection, description="What Explain may cost.")
