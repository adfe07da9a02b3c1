# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Texts to the graph's inputs, and what of the model's configuration that takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains._shared.assets import read_asset
from argosy_worker.domains._shared.graph import (
    ANY,
    Port,
    check_methods,
    check_no_other_inputs,
    input_port,
    invalid,
    required,
)
from argosy_worker.domains._shared.labels import LabelReader, prepare_labels
from argosy_worker.domains._shared.vectors import VectorReader, prepare_vectors
from argosy_worker.domains.nlp.keras import load_keras
from argosy_worker.domains.nlp.tokens import Tokenizer, Tokens
from argosy_worker.engines.port import Tensors
from argosy_worker.errors import ModelInvalid
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.sections.nlp import NlpSection, TokenizerSection


@dataclass(frozen=True, slots=True)
class Encoded:
    """Texts of one request as the graph takes them."""

    tokens: list[Tokens]
    mask: NDArray[np.bool_]
    """Which positions hold a token rather than padding, [texts, length]."""
    inputs: Tensors


@dataclass(frozen=True, slots=True)
class NlpCodec:
    """One model's way with texts."""

    section: TokenizerSection
    tokenizer: Tokenizer
    ids: Port
    mask: Port | None
    types: Port | None
    classes: LabelReader | None
    vectors: VectorReader | None

    def encode(self, texts: Sequence[str]) -> Encoded:
        """Tokenizes and pads texts. One without a known token becomes all padding."""
        tokens = self.tokenizer.encode(texts)
        lengths = np.fromiter((len(item.ids) for item in tokens), np.int64, len(tokens))
        fixed = self.section.padding == "max_length"
        length = self.section.max_length if fixed else max(1, int(lengths.max()))
        positions = np.arange(length)
        if self.section.padding_side == "right":
            mask = positions < lengths[:, None]
        else:
            mask = positions >= length - lengths[:, None]
        ids = np.full(mask.shape, self.section.pad_id, self.ids.dtype)
        ids[mask] = np.fromiter(chain.from_iterable(item.ids for item in tokens), np.int64, int(lengths.sum()))
        inputs = {self.ids.name: ids}
        if self.mask is not None:
            inputs[self.mask.name] = mask.astype(self.mask.dtype)
        if self.types is not None:
            inputs[self.types.name] = np.zeros(mask.shape, self.types.dtype)
        return Encoded(tokens, mask, inputs)


def prepare(graph: LoadedGraph) -> NlpCodec | None:
    """The codec of a model; None for a model without methods.

    Raises:
        argosy_worker.errors.ModelInvalid: configuration, tokenizer and graph do not fit.
    """
    check_methods(graph, "nlp")
    if not graph.config.methods:
        return None
    section = required(graph.config.nlp, "nlp", ", ".join(graph.config.methods))
    # Only a model that runs has inputs to fill; Tokenize alone needs none, but they must still be right.
    names = {
        "nlp.input_ids": section.input_ids,
        "nlp.attention_mask": section.attention_mask,
        "nlp.token_type_ids": section.token_type_ids,
    }
    filled = {key: name for key, name in names.items() if name is not None}
    if len(set(filled.values())) != len(filled):
        raise invalid("nlp", "input_ids, attention_mask and token_type_ids must name different inputs")
    ports = {key: _token_port(graph, key, name, section.tokenizer) for key, name in filled.items()}
    check_no_other_inputs(graph, "nlp", list(filled.values()))
    return NlpCodec(
        section=section.tokenizer,
        tokenizer=_tokenizer(graph, section.tokenizer),
        ids=ports["nlp.input_ids"],
        mask=ports.get("nlp.attention_mask"),
        types=ports.get("nlp.token_type_ids"),
        classes=_classes(graph, section),
        vectors=_vectors(graph, section),
    )


def _token_port(graph: LoadedGraph, key: str, name: str, section: TokenizerSection) -> Port:
    """An input [batch, tokens]."""
    port = input_port(graph, key, name, (ANY,))
    extent = port.extent(0)
    if extent == ANY:
        return port
    if section.padding == "longest":
        raise invalid("nlp.tokenizer.padding", f"must be max_length: the graph's input {name!r} takes {extent} tokens")
    if extent != section.max_length:
        raise invalid("nlp.tokenizer.max_length", f"must be {extent}, the tokens of the graph's input {name!r}")
    return port


def _tokenizer(graph: LoadedGraph, section: TokenizerSection) -> Tokenizer:
    text = read_asset(graph.folder, "nlp.tokenizer.file", section.file)
    if section.kind == "keras":
        return load_keras(text, section)
    try:  # a model of the other kind is served without this library
        from argosy_worker.domains.nlp.huggingface import load_huggingface
    except ImportError as error:
        raise ModelInvalid(
            f"model.yaml: nlp.tokenizer.kind: huggingface needs a library ({error}): pip install 'argosy[nlp]'"
        ) from error
    return load_huggingface(text, section)


def _classes(graph: LoadedGraph, section: NlpSection) -> LabelReader | None:
    if "Classify" not in graph.config.methods:
        return None
    classify = required(section.classify, "nlp.classify", "the method Classify")
    return prepare_labels(graph, "nlp.classify.output", classify.output, classify.activation)


def _vectors(graph: LoadedGraph, section: NlpSection) -> VectorReader | None:
    if "Embed" not in graph.config.methods:
        return None
    return prepare_vectors(graph, "nlp.embed", required(section.embed, "nlp.embed", "the method Embed"))
