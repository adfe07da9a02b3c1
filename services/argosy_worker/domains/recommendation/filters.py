# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Attributes of items, and the conditions that a request puts on them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from argosy.recommendation.v1.recommendation_pb2 import AttributeFilter
from numpy.typing import NDArray

from argosy_worker.domains._shared.limits import check_count
from argosy_worker.errors import InvalidInput

#: Most filters of a request, and most values of one.
MAX_FILTERS, MAX_VALUES = 20, 100
#: Stands between the values of an item that has several.
SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of all items: pairs of an item and a value that it has."""

    codes: Mapping[str, int]
    """Number of each value."""
    entry_items: NDArray[np.intp]
    """[pairs]: positions of the items."""
    entry_codes: NDArray[np.intp]
    """[pairs]: numbers of the values."""

    def having(self, values: Collection[str], items: int) -> NDArray[np.bool_]:
        """Which of so many items have one of the values, bool [items]."""
        wanted = np.zeros(len(self.codes), np.bool_)
        wanted[[self.codes[value] for value in values if value in self.codes]] = True
        marked = np.zeros(items, np.bool_)
        marked[self.entry_items[wanted[self.entry_codes]]] = True
        return marked


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter of a request, checked."""

    attribute: Attribute
    values: frozenset[str]


def read_attribute(cells: Iterable[str]) -> Attribute:
    """Makes an attribute of one cell for each item: no value, one, or several with ``|`` between them."""
    codes: dict[str, int] = {}
    items, entries = [], []
    for item, cell in enumerate(cells):
        for value in cell.split(SEPARATOR):
            if value := value.strip():
                items.append(item)
                entries.append(codes.setdefault(value, len(codes)))
    return Attribute(codes, np.array(items, np.intp), np.array(entries, np.intp))


def read_conditions(filters: Sequence[AttributeFilter], attributes: Mapping[str, Attribute]) -> list[Condition]:
    """Checks the filters of a request. A value that no item has is no error: nothing meets it.

    Raises:
        InvalidInput: TOO_MANY_ITEMS, NO_ITEMS for a filter without values, or ATTRIBUTE_UNKNOWN.
    """
    if filters:
        check_count(len(filters), MAX_FILTERS, "filters")
    return [_condition(one, index, attributes) for index, one in enumerate(filters)]


def allowed(conditions: Sequence[Condition], items: int) -> NDArray[np.bool_]:
    """Which of so many items meet every condition, bool [items]."""
    met = np.ones(items, np.bool_)
    for condition in conditions:
        met &= condition.attribute.having(condition.values, items)
    return met


def _condition(one: AttributeFilter, index: int, attributes: Mapping[str, Attribute]) -> Condition:
    check_count(len(one.values), MAX_VALUES, f"filters[{index}].values")
    attribute = attributes.get(one.attribute)
    if attribute is None:
        shown = one.attribute if len(one.attribute) <= 100 else f"{one.attribute[:100]}..."
        known = ", ".join(sorted(attributes)) or "none"
        raise InvalidInput(
            f"filters[{index}].attribute: items have no attribute {shown!r}; they have {known}",
            reason="ATTRIBUTE_UNKNOWN",
            metadata={"field": f"filters[{index}].attribute", "attribute": shown},
        )
    return Condition(attribute, frozenset(one.values))
