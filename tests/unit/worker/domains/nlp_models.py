# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Models of texts without an engine: tokenizers, and functions in place of graphs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
from argosy_worker.domains.nlp.service import DOMAIN
from argosy_worker.engines.port import Tensors
from argosy_worker.lifecycle.domain import LoadedGraph
from tokenizers import models, normalizers, pre_tokenizers, processors

from tests.unit.worker.domains.fakes import FakeCall, Specs, fake_call, loaded

#: Word pieces by id; 0 pads, 1 and 2 stand around a text.
PIECES = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "good", "bad", "film", "very", "Ann", "##a", "in", "Rome", ",", "\u00e9"]
INPUTS: Specs = {"ids": ("INT64", (-1, -1)), "mask": ("INT64", (-1, -1)), "types": ("INT64", (-1, -1))}
OUTPUTS: Specs = {"y": (-1, 2), "v": (-1, -1, 3), "t": (-1, -1, 5), "s": (-1, 1)}
ROOM = 6
#: Tokens of a text beside the special ones of a model of length ROOM.
BODY = ROOM - 2

Run = Callable[[Tensors], Tensors]


def write_pieces(folder: Path, *, special: bool = True) -> None:
    """Writes a tokenizer.json of word pieces, with or without special tokens around a text."""
    vocabulary = {piece: number for number, piece in enumerate(PIECES)}
    tokenizer = tokenizers.Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))  # noqa: S106
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    if special:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]",
            pair="[CLS] $A [SEP] $B:1 [SEP]:1",
            special_tokens=[("[CLS]", 1), ("[SEP]", 2)],
        )
    tokenizer.save(str(folder / "tokenizer.json"))


def graph(folder: Path, *methods: str, labels: tuple[str, ...] = ("no", "yes"), **section: Any) -> LoadedGraph:
    """A model of the methods; ``tokenizer`` among the changes adds to its settings."""
    tokenizer = {"file": "tokenizer.json", "kind": "huggingface", "max_length": ROOM, "padding": "longest"}
    named = {"input_ids": "ids", "attention_mask": "mask", "token_type_ids": "types"}
    outputs = section.pop("outputs", OUTPUTS)
    config = {
        "methods": list(methods),
        "max_items": section.pop("max_items", 8),
        "nlp": {"tokenizer": tokenizer | section.pop("tokenizer", {}), **named, **section},
    }
    return loaded(config, INPUTS, outputs, labels, folder)


def model(folder: Path, run: Run, *methods: str, **changes: Any) -> FakeCall:
    """A call on a model with the tokenizer of word pieces."""
    write_pieces(folder)
    return fake_call(DOMAIN, graph(folder, *methods, **changes), run)


def one_hot(*ids: int) -> Run:
    """A model whose output v holds, for each token, whether it is the first, second, third of these ids."""
    return lambda inputs: {"v": np.stack([inputs["ids"] == each for each in ids], axis=-1).astype(np.float32)}


def floats(tensor: Any) -> Any:
    """The values of an FP32 tensor."""
    return np.frombuffer(tensor.data, "<f4").reshape(tuple(tensor.shape))
