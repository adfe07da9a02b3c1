# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the sections of all domains are made of."""

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
    pooling: Literal["none", "mean", "first", "max"] = Field(
        default="none",
        description="How token vectors become one: mean over real tokens, the first token's, or the greatest in each "
        "dimension.",
    )


class ExplainSection(Section):
    """What an explanation may cost."""

    max_evaluations: int = Field(
        default=2000, ge=1, le=1_000_000, description="Most altered inputs on which the model runs for one explanation."
    )
    max_s: float = Field(
        default=10.0,
        gt=0,
        le=3600,
        description="Longest time, in seconds, that an explanation may keep the model busy, "
        "by what is known of its speed.",
    )
