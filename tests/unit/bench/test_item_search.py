# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Exact search of items."""

from bench import item_search


def test_every_size_is_searched_with_and_without_a_filter() -> None:
    found = item_search.run(rounds=1, seconds=0.0, progress=lambda _text: None, sizes=(100, 300))
    assert [row[0] for row in found.table.rows] == ["100", "300"]
    for sample in found.rounds[0]:
        assert min(sample[name] for name in ("search_s", "filtered_s", "product_s", "per_second")) > 0
