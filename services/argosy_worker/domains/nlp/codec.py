# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Texts to the graph's inputs, one row for each window of a text."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import Port
from argosy_worker.domains._shared.labels import LabelReader
from argosy_worker.domains._shared.vectors import VectorReader
from argosy_worker.domains.nlp.pairs import PairReader
from argosy_worker.domains.nlp.tags import TagReader
from argosy_worker.domains.nlp.tokens import PairEncoder, Tokenizer, Tokens
from argosy_worker.domains.nlp.windows import Overflow, Reader, Window
from argosy_worker.domains.nlp.zero_shot import ZeroShotReader
from argosy_worker.engines.port import Tensors
from argosy_worker.repository.sections.base import ExplainSection
from argosy_worker.repository.sections.nlp import TokenizerSection


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of tokens as the graph takes them."""

    mask: NDArray[np.bool_]
    """Which positions hold a token rather than padding, [rows, length]."""
    inputs: Tensors


@dataclass(frozen=True, slots=True)
class Encoded:
    """Texts of one request as the graph takes them."""

    tokens: list[Tokens]
    windows: list[Window]
    """One for each row, in the order of the texts."""
    rows: Rows

    @property
    def seen(self) -> list[int]:
        """Tokens of each text that the model sees, special ones among them."""
        starts = {window.text: window.start for window in reversed(self.windows)}
        ends = {window.text: window.end for window in self.windows}
        return [each.head + ends[text] - starts[text] + each.tail for text, each in enumerate(self.tokens)]

    @property
    def truncated(self) -> list[bool]:
        """Whether each text was cut."""
        return [seen < len(each.ids) for seen, each in zip(self.seen, self.tokens, strict=True)]


@dataclass(frozen=True, slots=True)
class NlpCodec:
    """One model's way with texts."""

    section: TokenizerSection
    explain: ExplainSection
    tokenizer: Tokenizer
    ids: Port
    mask: Port | None
    types: Port | None
    reader: Reader
    classes: LabelReader | None
    zero_shot: ZeroShotReader | None
    vectors: VectorReader | None
    tags: TagReader | None
    pairs: PairReader | None

    @property
    def cut(self) -> Overflow:
        """How long texts are cut."""
        return "cut left" if self.section.truncation_side == "left" else "cut right"

    def encode(self, texts: Sequence[str], overflow: Overflow, most_rows: int, *, places: bool = False) -> Encoded:
        """Tokenizes and pads texts. One without a known token becomes all padding.

        Args:
            texts: At least one.
            overflow: What happens with long ones.
            most_rows: Most windows of all texts; not looked at where texts are cut.
            places: Whether tokens know where in the text they lie.

        Raises:
            argosy_worker.errors.InvalidInput: TOO_MANY_WINDOWS.
        """
        tokens = self.tokenizer.encode(texts, places=places)
        special = max(each.head + each.tail for each in tokens)
        room, lengths = self.section.max_length - special, [each.body for each in tokens]
        windows = self.reader.windows(lengths, room, overflow, max(most_rows, len(texts)))
        ids = [tokens[window.text].cut(window.start, window.end) for window in windows]
        return Encoded(tokens, windows, self.pack(ids))

    def encode_pairs(
        self, pairs: PairEncoder, first: str, seconds: Sequence[str], overflow: Overflow, most_rows: int
    ) -> tuple[list[Window], Rows]:
        """One text before each of several others; windows are those of the others.

        Raises:
            argosy_worker.errors.InvalidInput: TOO_MANY_WINDOWS.
        """
        frame, plain = pairs.frame, pairs.plain
        (query,), others = plain([first]), plain(seconds)
        space = self.section.max_length - len(frame)
        query = query[: max(space // 2, space - max(map(len, others)))]
        lengths, most_rows = list(map(len, others)), max(most_rows, len(seconds))
        windows = self.reader.windows(lengths, space - len(query), overflow, most_rows)
        joined = [frame.join(query, others[each.text][each.start : each.end]) for each in windows]
        return windows, self.pack([ids for ids, _ in joined], [types for _, types in joined])

    def pack(self, ids: Sequence[Sequence[int]], types: Sequence[Sequence[int]] | None = None) -> Rows:
        """Pads rows of token ids, none longer than the model takes.

        Args:
            ids: At least one row; it may be empty.
            types: As many for each row; None means 0 everywhere.
        """
        counts = np.fromiter(map(len, ids), np.int64, len(ids))
        total = int(counts.sum())
        flat = np.fromiter(chain.from_iterable(ids), np.int64, total)
        kinds = None if types is None else np.fromiter(chain.from_iterable(types), np.int64, total)
        return self.padded(flat, counts, kinds)

    def padded(
        self, flat: NDArray[np.int64], counts: NDArray[np.int64], types: NDArray[np.int64] | None = None
    ) -> Rows:
        """As :meth:`pack`, of the ids of all rows one after the other, and how many each row has."""
        fixed = self.section.padding == "max_length"
        length = self.section.max_length if fixed else max(1, int(counts.max()))
        positions = np.arange(length)
        if self.section.padding_side == "right":
            mask = positions < counts[:, None]
        else:
            mask = positions >= length - counts[:, None]
        ids = np.full(mask.shape, self.section.pad_id, self.ids.dtype)
        ids[mask] = flat
        inputs = {self.ids.name: ids}
        if self.mask is not None:
            inputs[self.mask.name] = mask.astype(self.mask.dtype)
        if self.types is not None:
            kinds = np.zeros(mask.shape, self.types.dtype)
            if types is not None:
                kinds[mask] = types
            inputs[self.types.name] = kinds
        return Rows(mask, inputs)
