# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What a user did, as a request tells it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from argosy.recommendation.v1.recommendation_pb2 import Interaction
from numpy.typing import NDArray

from argosy_worker.domains._shared.limits import check_count
from argosy_worker.domains.recommendation.catalogue import Items
from argosy_worker.errors import InvalidInput

#: Most interactions of a history, and most ids in each list of a request.
MAX_IDS = 10_000
#: Squares of weights outside this are lost in FP32, and with them every similarity.
LEAST_WEIGHT, MOST_WEIGHT = 1e-6, 1e6

Positions = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class History:
    """The items that a user met, each once, with the sum of its weights."""

    positions: Positions
    """[items of the history], ascending."""
    weights: NDArray[np.float64]
    """[items of the history], above 0."""

    def __len__(self) -> int:
        return len(self.positions)


def read_history(history: Sequence[Interaction], items: Items, most: float, *, may_be_empty: bool) -> History:
    """Reads a history; ``most`` is the largest sum of weights that the graph's input holds.

    Raises:
        InvalidInput: NO_ITEMS, TOO_MANY_ITEMS, ITEM_UNKNOWN, WEIGHT_NOT_POSITIVE, VALUE_NOT_FINITE or
            VALUE_OUT_OF_RANGE.
    """
    if not history and may_be_empty:
        return History(np.zeros(0, np.intp), np.zeros(0))
    check_count(len(history), MAX_IDS, "history")
    entries = [
        (items.find(entry.item_id, f"history[{index}].item_id"), _weight(entry, index))
        for index, entry in enumerate(history)
    ]
    positions, inverse = np.unique(np.array([position for position, _ in entries], np.intp), return_inverse=True)
    sums = np.asarray(np.bincount(inverse, np.array([weight for _, weight in entries])), np.float64)
    if sums.max() > most:
        raise InvalidInput(
            f"history: the weights of an item add up to {sums.max():g}, more than the model's input holds",
            reason="VALUE_OUT_OF_RANGE",
        )
    return History(positions, sums)


def read_positions(item_ids: Sequence[str], items: Items, field: str) -> Positions:
    """Positions of items; at most ``MAX_IDS``, none at all is fine.

    Raises:
        InvalidInput: TOO_MANY_ITEMS or ITEM_UNKNOWN.
    """
    if item_ids:
        check_count(len(item_ids), MAX_IDS, field)
    found = (items.find(item_id, f"{field}[{index}]") for index, item_id in enumerate(item_ids))
    return np.fromiter(found, np.intp, len(item_ids))


def read_candidates(item_ids: Sequence[str], items: Items) -> Positions:
    """Positions of the items to rank.

    Raises:
        InvalidInput: NO_ITEMS, TOO_MANY_ITEMS, ITEM_UNKNOWN or ITEM_REPEATED.
    """
    field = "candidate_item_ids"
    check_count(len(item_ids), MAX_IDS, field)
    positions = read_positions(item_ids, items, field)
    order = np.argsort(positions, kind="stable")
    repeated = order[1:][np.diff(positions[order]) == 0]
    if len(repeated):
        index = int(repeated.min())
        raise InvalidInput(
            f"{field}[{index}]: {item_ids[index]!r} is named twice",
            reason="ITEM_REPEATED",
            metadata={"index": str(index), "item_id": item_ids[index]},
        )
    return positions


def _weight(entry: Interaction, index: int) -> float:
    if not entry.HasField("weight"):
        return 1.0
    weight = entry.weight
    if not 0 < weight < math.inf:
        reason = "WEIGHT_NOT_POSITIVE" if weight <= 0 else "VALUE_NOT_FINITE"
        raise InvalidInput(
            f"history[{index}].weight is {weight:g}; it must be finite and more than 0",
            reason=reason,
            metadata={"index": str(index)},
        )
    if not LEAST_WEIGHT <= weight <= MOST_WEIGHT:
        raise InvalidInput(
            f"history[{index}].weight is {weight:g}; it must be from {LEAST_WEIGHT:g} to {MOST_WEIGHT:g}",
            reason="VALUE_OUT_OF_RANGE",
            metadata={"index": str(index)},
        )
    return weight
