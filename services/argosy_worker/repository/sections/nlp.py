# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Texts."""

from typing import Literal

from pydantic import Field

from argosy_worker.repository.sections.base import ClassOutput, RelativePath, Section, VectorOutput

#: Methods of the domain's service that a model may implement.
METHODS = ("Classify", "Embed", "Tokenize")


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
