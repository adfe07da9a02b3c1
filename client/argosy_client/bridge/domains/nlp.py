# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Texts."""

from typing import Any

from argosy_client.bridge.companions import number
from argosy_client.bridge.domains.nlp_parts import FINDERS
from argosy_client.bridge.graph import Value
from argosy_client.bridge.parts import by_tensors, put_together
from argosy_client.bridge.plan import Facts, Plan

METHODS = ("Classify", "ClassifyTokens", "Embed", "Similarity", "Rerank", "Explain", "Tokenize")

_IDS = ("input_ids", "input_word_ids", "token_ids", "tokens", "ids")
_MASKS = ("attention_mask", "input_mask", "mask")
_TYPES = ("token_type_ids", "segment_ids", "input_type_ids")
#: Tokens of the longest text, where nothing says how many; a quadratic cost for transformers.
_MAX_LENGTH = 512


def fits(facts: Facts) -> str:
    """Why a graph looks like one of texts; empty where it does not."""
    ids = _named(facts, _IDS)
    if ids is not None:
        return f"its input '{ids.name}' holds token ids"
    value = facts.graph.inputs[0] if len(facts.graph.inputs) == 1 else None
    if value is not None and facts.companions.tokenizer is not None and len(facts.dims(value)) == 2:
        return "tokenizer.json lies beside it"
    return ""


def plan(facts: Facts, why: str) -> Plan:
    """A plan; by tensors alone without a tokenizer, or with inputs that no key names.

    Raises:
        ValueError: a method was asked for that the graph does not allow.
    """
    companions = facts.companions
    missing = ""
    if companions.tokenizer is None or not companions.tokenizer_kind:
        missing = "typed calls need its tokenizer: put tokenizer.json beside the graph"
    ids = _named(facts, _IDS) or facts.graph.inputs[0]
    others = {"attention_mask": _named(facts, _MASKS), "token_type_ids": _named(facts, _TYPES)}
    named = {ids.name, *(value.name for value in others.values() if value is not None)}
    unnamed = [value.name for value in facts.graph.inputs if value.name not in named]
    if unnamed:
        missing = f"typed calls cannot fill its input {', '.join(unnamed)}"
    if missing or companions.tokenizer is None:
        return by_tensors("nlp", why, missing, facts)
    section: dict[str, Any] = {"tokenizer": _tokenizer(facts, ids), "input_ids": ids.name}
    section |= {key: value.name for key, value in others.items() if value is not None}
    comments = {
        "nlp.tokenizer.max_length": "tokens; longer texts are cut, and the answer says so",
        "nlp.tokenizer.pad_id": "from config.json"
        if companions.settings.get("pad_token_id") is not None
        else "GUESSED",
    }
    assets = {"tokenizer.json": companions.tokenizer}
    return put_together(Plan("nlp", why, section=section, comments=comments, assets=assets), facts, FINDERS)


def _tokenizer(facts: Facts, ids: Value) -> dict[str, Any]:
    companions = facts.companions
    length = facts.dims(ids)[1]
    said = companions.tokenization.get("model_max_length")
    limit = companions.settings.get("max_position_embeddings")
    lengths = [value for value in (said, limit, _MAX_LENGTH) if isinstance(value, int) and value > 0]
    return {
        "file": "tokenizer.json",
        "kind": companions.tokenizer_kind,
        "max_length": length if isinstance(length, int) else min(lengths),
        "padding": "max_length" if isinstance(length, int) else "longest",
        "pad_id": int(number("config.json", "pad_token_id", companions.settings.get("pad_token_id") or 0)),
    }


def _named(facts: Facts, names: tuple[str, ...]) -> Value | None:
    return next((value for name in names for value in facts.graph.inputs if value.name.lower() == name), None)
