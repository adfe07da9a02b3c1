# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Limits that every domain puts on a request."""

from argosy_worker.errors import InvalidInput


def check_count(count: int, limit: int, field: str) -> None:
    """Checks that a request holds from 1 to ``limit`` items in ``field``.

    Raises:
        InvalidInput: NO_ITEMS or TOO_MANY_ITEMS.
    """
    if count == 0:
        raise InvalidInput(f"{field} is empty; send at least one", reason="NO_ITEMS", metadata={"field": field})
    if count > limit:
        raise InvalidInput(
            f"{field} holds {count} items; send at most {limit} in one request",
            reason="TOO_MANY_ITEMS",
            metadata={"field": field, "count": str(count), "limit": str(limit)},
        )


def chosen_top_k(top_k: int, default: int) -> int:
    """The number of results wanted, where 0 selects ``default``.

    Raises:
        InvalidInput: TOP_K_NEGATIVE.
    """
    if top_k < 0:
        raise InvalidInput(
            f"top_k is {top_k}; it must be at least 0 (0 selects {default})",
            reason="TOP_K_NEGATIVE",
            metadata={"top_k": str(top_k)},
        )
    return top_k or default
