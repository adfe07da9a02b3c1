# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Recommendation through the whole fleet: filters, newcomers, reasons, and both ways to score."""

import json

import pytest
from argosy_client import Argosy, AsyncArgosy

from tests.e2e.shell import argosy_command
from tests.support.fleet import FleetAddresses

HISTORIES = {"behaviour": ["mystery-07", "space-03", "mystery-02"], "two_tower": ["camping-07", "cycling-03"]}


@pytest.mark.parametrize("model", HISTORIES)
def test_reasons_are_of_the_history_and_weigh_something(argosy: Argosy, model: str) -> None:
    history = HISTORIES[model]
    for item in argosy.recommendation.recommend(history, model=model, reasons=2, top_k=5):
        assert {why.item_id for why in item.reasons} < set(history) | {""}
        parts = [why.contribution for why in item.reasons]
        assert parts == sorted(parts, reverse=True)
        assert all(part > 0 for part in parts)


def test_filters_leave_what_meets_them_and_nothing_where_nothing_does(argosy: Argosy) -> None:
    wanted = {"category": ["camping", "bath"], "price": "premium"}
    found = argosy.recommendation.recommend(HISTORIES["two_tower"], model="two_tower", filters=wanted, top_k=100)
    assert 5 < len(found) < 60
    assert {item.item_id.partition("-")[0] for item in found} == {"camping", "bath"}
    none = argosy.recommendation.recommend(["mystery-07"], filters={"genre": "no such genre"})
    assert len(none) == 0


@pytest.mark.parametrize("model", HISTORIES)
def test_newcomers_are_recommended_what_is_popular(argosy: Argosy, model: str) -> None:
    scores = [item.score for item in argosy.recommendation.recommend([], model=model)]
    assert len(scores) == 10
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] > 1, "a number of customers"


def test_items_are_like_themselves_and_ranked_as_they_are_recommended(argosy: Argosy) -> None:
    history = {"camping-07": 5.0, "cycling-03": 1.0}
    best = [item.item_id for item in argosy.recommendation.recommend(history, model="two_tower", top_k=4)]
    ranked = argosy.recommendation.rank(history, reversed(best), model="two_tower")
    assert [item.item_id for item in ranked] == best
    alike = argosy.recommendation.similar_items("camping-07", model="two_tower", top_k=3)
    assert all(-1 <= item.score <= 1 for item in alike)
    assert "camping-07" not in {item.item_id for item in alike}


async def test_asyncio_asks_for_filters_and_reasons_too(fleet: FleetAddresses) -> None:
    async with AsyncArgosy(fleet.gateway, timeout_s=30) as argosy:
        found = await argosy.recommendation.recommend(["mystery-07"], filters={"genre": "mystery"}, reasons=1, top_k=2)
    assert [item.item_id.partition("-")[0] for item in found] == ["mystery", "mystery"]
    assert [why.item_id for item in found for why in item.reasons] == ["mystery-07"] * 2


def test_the_command_line_filters_and_gives_reasons(fleet: FleetAddresses) -> None:
    command = ("recommendation", "recommend", "--item", "mystery-07", "--filter", "genre=mystery", "--reasons", "1")
    ended = argosy_command(*command, "--top-k", "1", "--json", "--address", fleet.gateway, "--timeout", "60")
    assert (ended.status, ended.err) == (0, "")
    (item,) = json.loads(ended.out)["items"]
    assert item["reasons"][0]["item_id"] == "mystery-07"
