# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The sections of ``model.yaml`` that one domain alone reads: how its inputs are prepared and its outputs read."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

RelativePath = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./-]*$", max_length=200)]


class Section(BaseModel):
    """Base of every section: unknown keys and wrong types are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ClassOutput(Section):
    """An output tensor with one score for each class."""

    output: str = Field(description="Name of the graph's output, FP32 of shape [batch, classes].")
    activation: Literal["none", "softmax", "sigmoid"] = Field(
        default="none",
        description="What turns the output into probabilities: 'none' where the graph already gives them; "
        "'sigmoid' for one output that is the probability of the second of two classes.",
    )


class VectorOutput(Section):
    """An output tensor with one vector for each item."""

    output: str = Field(
        description="Name of the graph's output, FP32 of shape [batch, dimensions], "
        "or [batch, tokens, dimensions] where 'pooling' is set."
    )
    normalize: bool = Field(default=False, description="Whether vectors are scaled to length 1 (L2).")
    pooling: Literal["none", "mean", "first"] = Field(
        default="none", description="How token vectors become one: mean over real tokens, or the first token's."
    )


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


class SpeechSection(Section):
    """How an audio clip becomes the graph's input."""

    input: str = Field(description="Name of the graph's input.")
    sample_rate_hz: int = Field(
        ge=1000, le=384000, description="Rate that the model needs, in Hz; clips are resampled to it."
    )
    clip_seconds: float = Field(
        gt=0,
        le=600,
        description="Length of the model's window, in seconds; shorter clips are padded with silence, longer ones "
        "cut to their loudest window.",
    )
    max_seconds: float = Field(default=60.0, gt=0, le=3600, description="Longest clip accepted, in seconds.")
    features: Literal["waveform", "log_mel"] = Field(
        default="waveform",
        description="'waveform': FP32 of shape [batch, samples]; 'log_mel': FP32 of shape [batch, frames, mel_bins].",
    )
    frame_samples: int = Field(
        default=400, ge=16, le=65536, description="log_mel: length of a frame (periodic Hann window), in samples."
    )
    hop_samples: int = Field(default=160, ge=1, le=65536, description="log_mel: step between frames, in samples.")
    fft_size: int = Field(
        default=512, ge=16, le=65536, description="log_mel: length of the Fourier transform, in samples."
    )
    mel_bins: int = Field(default=40, ge=1, le=512, description="log_mel: number of mel bands (HTK scale, triangular).")
    mel_low_hz: float = Field(default=20.0, ge=0, description="log_mel: lower edge of the first band, in Hz.")
    mel_high_hz: float | None = Field(
        default=None, description="log_mel: upper edge of the last band, in Hz; null means half the sample rate."
    )
    log_floor: float = Field(
        default=1e-6, gt=0, description="log_mel: added to the power in each band before the natural logarithm."
    )
    normalize: Literal["none", "per_clip"] = Field(
        default="per_clip",
        description="'per_clip': features of a clip are shifted and scaled to mean 0 and standard deviation 1.",
    )
    classify: ClassOutput | None = Field(default=None, description="Output read by Classify.")


class TokenizerSection(Section):
    """How texts become token ids."""

    file: RelativePath = Field(
        description="Tokenizer beside model.yaml: a Keras tokenizer JSON or a Hugging Face tokenizer.json."
    )
    kind: Literal["keras", "huggingface"] = Field(description="Format of the file.")
    max_length: int = Field(
        ge=1, le=1_000_000, description="Longest input, in tokens; longer texts are cut, and the answer says so."
    )
    padding: Literal["max_length", "longest"] = Field(
        default="max_length", description="Length to which texts of a request are padded."
    )
    padding_side: Literal["left", "right"] = Field(default="right", description="Side on which padding is added.")
    truncation_side: Literal["left", "right"] = Field(
        default="right", description="Side from which a long text is cut."
    )
    pad_id: int = Field(default=0, ge=0, description="Token id of padding.")


class NlpSection(Section):
    """How texts become the graph's inputs."""

    tokenizer: TokenizerSection = Field(description="How texts become token ids.")
    input_ids: str = Field(description="Graph input for token ids, INT32, INT64 or FP32 of shape [batch, tokens].")
    attention_mask: str | None = Field(
        default=None, description="Graph input that is 1 for tokens and 0 for padding; null where the graph has none."
    )
    token_type_ids: str | None = Field(
        default=None, description="Graph input that is all 0; null where the graph has none."
    )
    classify: ClassOutput | None = Field(default=None, description="Output read by Classify.")
    embed: VectorOutput | None = Field(default=None, description="Output read by Embed.")


class RecommendationSection(Section):
    """The catalogue and the graph's outputs."""

    input: str = Field(
        description="Graph input for histories, FP32 of shape [batch, items]: the weight of each catalogue item, 0 "
        "where absent."
    )
    item_scores: str = Field(
        description="Graph output, FP32 of shape [batch, items]: how well each item suits the history (Recommend, "
        "Rank)."
    )
    similar_items: str | None = Field(
        default=None,
        description="Graph output, FP32 of shape [batch, items]: similarity of each item to the history's items "
        "(SimilarItems, which sends a history of one item).",
    )
    user_scores: str | None = Field(
        default=None,
        description="Graph output, FP32 of shape [batch, users]: similarity of each known user to the history "
        "(SimilarUsers).",
    )
    items_file: RelativePath = Field(
        description="CSV beside model.yaml with the header id,name: the items in graph order."
    )
    users_file: RelativePath | None = Field(
        default=None, description="Text file beside model.yaml: one user id a line, in graph order."
    )


class Feature(Section):
    """One input feature."""

    name: str = Field(min_length=1, max_length=200, description="Name of the feature.")
    description: str = Field(default="", description="What it is, with its unit.")


class TabularSection(Section):
    """The features and what is predicted."""

    input: str = Field(description="Graph input, FP32 of shape [batch, features] or [batch, timesteps, features].")
    output: str = Field(
        description="Graph output: FP32 of shape [batch, targets] for a regression, [batch, classes] for classes."
    )
    task: Literal["regression", "classification"] = Field(description="What is predicted.")
    activation: Literal["none", "softmax", "sigmoid"] = Field(
        default="none", description="As for classes in other domains; classification only."
    )
    features: list[Feature] = Field(min_length=1, description="Features in the graph's order.")
    timesteps: int | None = Field(
        default=None,
        ge=1,
        description="Length of a sequence for a model of sequences of fixed length; null for rows, or where the "
        "graph takes any length.",
    )
    sequences: bool = Field(
        default=False, description="Whether the model takes sequences [timesteps, features] instead of rows."
    )
    targets: list[str] = Field(default=[], description="Names of the predicted values, for people.")
