# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Texts."""

from typing import Literal

from pydantic import Field

from argosy_worker.repository.sections.base import ClassOutput, ExplainSection, RelativePath, Section, VectorOutput

#: Methods of the domain's service that a model may implement.
METHODS = ("Classify", "Embed", "Tokenize", "ClassifyTokens", "Similarity", "Rerank", "Explain")


class TokenizerSection(Section):
    """How texts become token ids."""

    file: RelativePath = Field(
        description="Tokenizer beside model.yaml: a Keras tokenizer JSON or a Hugging Face tokenizer.json."
    )
    kind: Literal["keras", "huggingface"] = Field(description="Format of the file.")
    max_length: int = Field(
        ge=1,
        le=1_000_000,
        description="Longest input, in tokens; longer texts are cut, and the answer says so, or read through windows "
        "of this length, as the request asks.",
    )
    window_overlap: int | None = Field(
        default=None,
        ge=0,
        description="Tokens that two windows of a long text have in common, at least; null: a quarter of a window.",
    )
    padding: Literal["max_length", "longest"] = Field(
        default="max_length", description="Length to which texts of a request are padded."
    )
    padding_side: Literal["left", "right"] = Field(default="right", description="Side on which padding is added.")
    truncation_side: Literal["left", "right"] = Field(
        default="right", description="Side from which a long text is cut."
    )
    pad_id: int = Field(default=0, ge=0, description="Token id of padding.")


class TextClassOutput(ClassOutput):
    """An output tensor with one score for each class of a text."""

    multi_label: bool = Field(
        default=False,
        description="Whether labels do not exclude each other: each output is the probability of its label, with "
        "activation sigmoid, or none where the graph gives probabilities.",
    )


class ZeroShot(Section):
    """Classification by labels that the request names, compared with the text by their embeddings (nlp.embed)."""

    template: str = Field(
        default="{label}",
        max_length=1000,
        description="Sentence that is embedded for a label; {label} stands for it.",
    )
    temperature: float = Field(
        default=0.1,
        gt=0,
        le=100,
        description="Divides the cosine similarities before softmax; the smaller, the surer the scores.",
    )


class TagOutput(Section):
    """An output tensor with one score for each tag of each token, and how tags become entities."""

    output: str = Field(description="Name of the graph's output, FP32 of shape [batch, tokens, tags].")
    activation: Literal["none", "softmax"] = Field(
        default="softmax", description="What turns the output into probabilities: 'none' where the graph gives them."
    )
    scheme: Literal["bio", "plain"] = Field(
        default="bio",
        description="Meaning of the tags of labels_file. 'bio': B-NAME begins an entity and I-NAME continues it; "
        "'plain': neighbours of one tag are one entity.",
    )
    outside: str = Field(default="O", min_length=1, description="Tag of tokens that belong to no entity.")
    subwords: Literal["first", "each"] = Field(
        default="first",
        description="Whose tag counts in a word of several tokens: the first token's for the whole word, or each "
        "token's for itself.",
    )


class PairOutput(Section):
    """An output tensor with one score for a pair of texts, whose tokens the graph takes together (a cross-encoder)."""

    output: str = Field(description="Name of the graph's output, FP32 of shape [batch, 1]; higher is better.")
    activation: Literal["none", "sigmoid"] = Field(default="none", description="What is made of the score.")


class NlpSection(Section):
    """How texts become the graph's inputs."""

    tokenizer: TokenizerSection = Field(description="How texts become token ids.")
    input_ids: str = Field(description="Graph input for token ids, INT32, INT64 or FP32 of shape [batch, tokens].")
    attention_mask: str | None = Field(
        default=None, description="Graph input that is 1 for tokens and 0 for padding; null where the graph has none."
    )
    token_type_ids: str | None = Field(
        default=None,
        description="Graph input that is 0, and 1 for the second text of a pair; null where the graph has none.",
    )
    classify: TextClassOutput | None = Field(default=None, description="Output read by Classify and Explain.")
    zero_shot: ZeroShot | None = Field(
        default=None, description="Classify and Explain by labels of the request, instead of nlp.classify."
    )
    embed: VectorOutput | None = Field(
        default=None, description="Output read by Embed, Similarity, Rerank, and with nlp.zero_shot by Classify."
    )
    classify_tokens: TagOutput | None = Field(default=None, description="Output read by ClassifyTokens.")
    rerank: PairOutput | None = Field(
        default=None, description="Output read by Rerank for pairs of texts; null compares embeddings (nlp.embed)."
    )
    explain: ExplainSection = Field(default_factory=ExplainSection, description="What an explanation may cost.")
