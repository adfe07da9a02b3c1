# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What of a model's configuration its codec takes, checked against the graph while the model is loaded."""

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
from argosy_worker.domains.nlp.codec import NlpCodec
from argosy_worker.domains.nlp.keras import load_keras
from argosy_worker.domains.nlp.pairs import PairReader, prepare_pairs
from argosy_worker.domains.nlp.tags import TagReader, prepare_tags
from argosy_worker.domains.nlp.tokens import Tokenizer
from argosy_worker.domains.nlp.windows import Reader
from argosy_worker.domains.nlp.zero_shot import prepare_zero_shot
from argosy_worker.errors import ModelInvalid
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.sections.nlp import NlpSection, TokenizerSection


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
    tokenizer = _tokenizer(graph, section.tokenizer)
    zero_shot = section.zero_shot
    return NlpCodec(
        section=section.tokenizer,
        explain=section.explain,
        tokenizer=tokenizer,
        ids=ports["nlp.input_ids"],
        mask=ports.get("nlp.attention_mask"),
        types=ports.get("nlp.token_type_ids"),
        reader=Reader(section.tokenizer.window_overlap),
        classes=_classes(graph, section),
        zero_shot=None if zero_shot is None else prepare_zero_shot(zero_shot),
        vectors=_vectors(graph, section),
        tags=_tags(graph, section),
        pairs=_pairs(graph, section, tokenizer),
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
        return load_keras(text)
    try:  # a model of the other kind is served without this library
        from argosy_worker.domains.nlp.huggingface import load_huggingface
    except ImportError as error:
        raise ModelInvalid(
            f"model.yaml: nlp.tokenizer.kind: huggingface needs a library ({error}): pip install 'argosy[nlp]'"
        ) from error
    return load_huggingface(text, section)


def _classes(graph: LoadedGraph, section: NlpSection) -> LabelReader | None:
    if section.zero_shot is not None and section.classify is not None:
        raise invalid("nlp", "classify and zero_shot exclude each other: labels are the model's or the request's")
    methods = [method for method in ("Classify", "Explain") if method in graph.config.methods]
    if not methods or section.zero_shot is not None:
        return None
    classify = required(section.classify, "nlp.classify", f"the method {methods[0]}")
    return prepare_labels(
        graph, "nlp.classify.output", classify.output, classify.activation, multi_label=classify.multi_label
    )


def _vectors(graph: LoadedGraph, section: NlpSection) -> VectorReader | None:
    users = {"Embed": True, "Similarity": True, "Rerank": section.rerank is None}
    needed = [f"the method {method}" for method, by_vectors in users.items() if by_vectors]
    needed = [user for user in needed if user.removeprefix("the method ") in graph.config.methods]
    if section.zero_shot is not None:
        needed.append("nlp.zero_shot")
    if not needed:
        return None
    return prepare_vectors(graph, "nlp.embed", required(section.embed, "nlp.embed", needed[0]))


def _tags(graph: LoadedGraph, section: NlpSection) -> TagReader | None:
    if "ClassifyTokens" not in graph.config.methods:
        return None
    return prepare_tags(graph, required(section.classify_tokens, "nlp.classify_tokens", "the method ClassifyTokens"))


def _pairs(graph: LoadedGraph, section: NlpSection, tokenizer: Tokenizer) -> PairReader | None:
    if section.rerank is None or "Rerank" not in graph.config.methods:
        return None
    encoder = tokenizer.pairs()
    if len(encoder.frame) + 2 > section.tokenizer.max_length:
        raise invalid("nlp.tokenizer.max_length", "has no room for a pair of texts")
    return prepare_pairs(graph, section.rerank, encoder)
