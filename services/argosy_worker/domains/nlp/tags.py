# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""From an output with one score for each tag of each token to entities and where they lie."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from argosy.common.v1.label_pb2 import ScoredLabel
from argosy.nlp.v1 import nlp_pb2 as pb
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import ANY, invalid, output_port
from argosy_worker.domains._shared.labels import softmax
from argosy_worker.domains._shared.outputs import finite_output
from argosy_worker.domains.nlp.spans import SpanWriter, trimmed
from argosy_worker.domains.nlp.tokens import Tokens
from argosy_worker.domains.nlp.windows import Window
from argosy_worker.engines.port import Tensors
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.sections.nlp import TagOutput

_JOINER = "\N{ZERO WIDTH JOINER}"
_SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"


@dataclass(frozen=True, slots=True)
class Tag:
    """What a tag says: which entity a token belongs to, and whether it begins one; None is outside of all."""

    entity: str | None
    begins: bool


@dataclass(frozen=True, slots=True)
class TagReader:
    """Reads the tags of one output and joins them to entities."""

    section: TagOutput
    names: tuple[str, ...]
    tags: tuple[Tag, ...]

    def probabilities(self, outputs: Tensors, rows: int, length: int) -> NDArray[np.float64]:
        """The probability of each tag, float64 [rows, length, tags].

        Raises:
            argosy_worker.errors.EngineFault: the output is not as declared, or not finite.
        """
        scores = finite_output(outputs, self.section.output, (rows, length, len(self.names))).astype(np.float64)
        return softmax(scores) if self.section.activation == "softmax" else scores

    def entities(self, text: str, tokens: Tokens, seen: range, scores: NDArray[np.float64]) -> list[pb.Entity]:
        """The entities of one text, in its order; they do not overlap.

        Args:
            tokens: Those of the text, with their spans.
            seen: Its own tokens that the model saw.
            scores: float64 [tokens that it saw, tags].
        """
        found, write, last = [], SpanWriter(text), 0
        for each in self._joined(tokens, seen, scores):
            if each.end <= last:
                continue
            start, end = trimmed(text, max(each.start, last), whole_end(text, each.end))
            if start < end:
                label = ScoredLabel(label=each.entity, index=each.index, score=sum(each.scores) / len(each.scores))
                found.append(pb.Entity(text=text[start:end], label=label, span=write(start, end)))
                last = end
        return found

    def _joined(self, tokens: Tokens, seen: range, scores: NDArray[np.float64]) -> list["_Entity"]:
        """Neighbouring tokens of one entity put together."""
        own = slice(tokens.head + seen.start, tokens.head + seen.stop)
        words = range(len(tokens.ids)) if tokens.words is None else tokens.words
        best = np.argmax(scores, axis=1).tolist()
        found: list[_Entity] = []
        current: _Entity | None = None
        word: int | None = None
        source = 0
        for place, ((start, end), its_word) in enumerate(zip(tokens.spans[own], words[own], strict=True)):
            if start == end:
                continue
            inside = its_word is not None and its_word == word
            word = its_word
            if not (inside and self.section.subwords == "first"):
                source = place
            index = best[source]
            tag, score = self.tags[index], float(scores[source, index])
            if tag.entity is None:
                current = None
            elif current is not None and current.entity == tag.entity and (inside or not tag.begins):
                current.end = end
                current.scores.append(score)
            else:
                current = _Entity(tag.entity, index, start, end, [score])
                found.append(current)
        return found


@dataclass(slots=True)
class _Entity:
    """An entity that may still grow; its place in characters."""

    entity: str
    index: int
    start: int
    end: int
    scores: list[float]


def whole_end(text: str, end: int) -> int:
    """The end of the character that a reader sees, where marks that combine with it follow."""
    while end < len(text):
        if text[end] == _JOINER:  # an emoji made of several
            end = min(end + 2, len(text))
        elif unicodedata.category(text[end]).startswith("M") or text[end] in _SKIN_TONES:
            end += 1
        else:
            break
    return end


def by_token(
    tokens: Sequence[Tokens], windows: Sequence[Window], mask: NDArray[np.bool_], values: NDArray[np.float64]
) -> list[tuple[range, NDArray[np.float64]]]:
    """What windows say of each text's own tokens, averaged where they overlap.

    Args:
        tokens: Those of the texts.
        windows: One for each row, at least one for each text, in the order of the texts.
        mask: Which positions hold a token, [windows, length].
        values: float64 [windows, length, values].

    Returns:
        For each text the tokens that the model saw, and float64 [tokens that it saw, values].
    """
    firsts: Any = mask.argmax(axis=1)
    rows = enumerate(windows)
    return [
        _of_text(each, list(group), firsts, values) for each, (_, group) in zip(tokens, _by_text(rows), strict=True)
    ]


def _by_text(rows: Iterable[tuple[int, Window]]) -> "groupby[int, tuple[int, Window]]":
    return groupby(rows, key=lambda row: row[1].text)


def _of_text(
    tokens: Tokens, rows: list[tuple[int, Window]], firsts: NDArray[np.intp], values: NDArray[np.float64]
) -> tuple[range, NDArray[np.float64]]:
    start, end = rows[0][1].start, rows[-1][1].end
    sums, counts = np.zeros((end - start, values.shape[2])), np.zeros((end - start, 1))
    for row, window in rows:
        first = int(firsts[row]) + tokens.head
        place = slice(window.start - start, window.end - start)
        sums[place] += values[row, first : first + window.end - window.start]
        counts[place] += 1
    return range(start, end), sums / counts


def prepare_tags(graph: LoadedGraph, section: TagOutput) -> TagReader:
    """Checks an output of tags.

    Raises:
        argosy_worker.errors.ModelInvalid: no such output, or the tags of labels_file do not fit it or the scheme.
    """
    key = "nlp.classify_tokens"
    columns = output_port(graph, f"{key}.output", section.output, (ANY, ANY)).extent(1)
    if not graph.labels:
        raise invalid("labels_file", "must be set for the method ClassifyTokens: it holds the tags")
    if columns not in (ANY, len(graph.labels)):
        raise invalid(
            "labels_file", f"has {len(graph.labels)} tags, and the output {section.output!r} has {columns} of them"
        )
    if section.outside not in graph.labels:
        raise invalid(f"{key}.outside", f"is {section.outside!r}, which is not in labels_file")
    return TagReader(section, graph.labels, tuple(_tag(label, section) for label in graph.labels))


def _tag(label: str, section: TagOutput) -> Tag:
    if label == section.outside:
        return Tag(None, False)
    if section.scheme == "plain":
        return Tag(label, False)
    prefix, _, name = label.partition("-")
    if prefix not in ("B", "I") or not name:
        raise invalid("labels_file", f"has the tag {label!r}; with the scheme bio a tag is B-NAME or I-NAME")
    return Tag(name, prefix == "B")
