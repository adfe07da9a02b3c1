# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Why an item is recommended: the items of the history without which its score would be lower."""

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains._shared.explain.explaining import check_time
from argosy_worker.domains.recommendation.codec import Found, RecommendationCodec
from argosy_worker.domains.recommendation.history import History
from argosy_worker.domains.recommendation.ranking import best
from argosy_worker.engines.port import Tensors
from argosy_worker.errors import InvalidInput
from argosy_worker.lifecycle.domain import Call
from argosy_worker.repository.sections.base import ExplainSection

#: Most reasons of one item.
MAX_REASONS = 20
#: Most altered histories that wait at a time, so that they leave room in the queue, and most numbers in them.
_WAITING, _WAITING_NUMBERS = 64, 1 << 20
#: Most pairs of a recommended item and one of the history.
_MOST_PARTS = 1_000_000


def reason_count(asked: int) -> int:
    """The number of reasons wanted.

    Raises:
        InvalidInput: REASON_COUNT_OUT_OF_RANGE.
    """
    if not 0 <= asked <= MAX_REASONS:
        raise InvalidInput(
            f"reason_count is {asked}; it must be from 0 to {MAX_REASONS}",
            reason="REASON_COUNT_OUT_OF_RANGE",
            metadata={"limit": str(MAX_REASONS)},
        )
    return asked


def check_cost(history: History, results: int, limits: ExplainSection, call: Call) -> None:
    """Refuses reasons, for so many results, that would take too long or too much memory.

    Raises:
        InvalidInput: EXPLANATION_TOO_COSTLY, with the estimate.
    """
    evaluations = len(history)
    if evaluations * results > _MOST_PARTS:
        raise InvalidInput(
            f"reasons for {results} items weigh a history of {evaluations} for each of them, which is more than "
            f"{_MOST_PARTS} parts: ask for fewer items, send a shorter history, or ask for no reasons",
            reason="EXPLANATION_TOO_COSTLY",
            metadata={"parts": str(evaluations * results), "limit": str(_MOST_PARTS)},
        )
    if evaluations > limits.max_evaluations:
        raise InvalidInput(
            f"reasons take {evaluations} evaluations of the model, one for each item of the history, and "
            f"{limits.max_evaluations} are allowed: send a shorter history, or ask for no reasons",
            reason="EXPLANATION_TOO_COSTLY",
            metadata={"evaluations": str(evaluations), "limit": str(limits.max_evaluations)},
        )
    check_time(call, evaluations, limits)


async def find_reasons(
    codec: RecommendationCodec, history: History, found: Found, count: int, call: Call
) -> list[Found]:
    """For each found item the items of the history that raise its score most, at most ``count``, weightiest first.

    What an item of the history contributes is how much lower the score is without it. Those that do not raise it are
    no reasons.

    Raises:
        argosy_worker.errors.ArgosyError: see :meth:`Call.infer_behind`.
    """
    scoring, items = codec.scoring, len(history)
    parts = np.empty((items, len(found.positions)))
    numbers = sum(array.size for array in _altered(codec, history, 0, 1).values())
    step = min(max(_WAITING_NUMBERS // numbers, 1), _WAITING)
    for start in range(0, items, step):
        end = min(start + step, items)
        rows = scoring.rows(await call.infer_behind(_altered(codec, history, start, end)), end - start)
        parts[start:end] = found.scores - await call.offload(
            scoring.table, rows, found.positions, payload_bytes=(end - start) * len(found.positions)
        )
    return [_weightiest(history, column, count) for column in parts.T]


def _altered(codec: RecommendationCodec, history: History, start: int, end: int) -> Tensors:
    """Inputs of histories that each lack one item, those from ``start`` to ``end``."""
    weights = np.repeat(history.weights[None], end - start, axis=0)
    weights[np.arange(end - start), np.arange(start, end)] = 0
    return codec.scoring.inputs(history.positions, weights)


def _weightiest(history: History, parts: NDArray[np.float64], count: int) -> Found:
    order = best(parts, count)
    order = order[parts[order] > 0]
    return Found(history.positions[order], parts[order])
