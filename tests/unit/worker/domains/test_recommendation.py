# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Recommendation: histories to items and users."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argosy.recommendation.v1 import recommendation_pb2 as pb
from argosy_worker.domains.recommendation.ranking import best, best_allowed
from argosy_worker.domains.recommendation.service import DOMAIN, rank, recommend, similar_items, similar_users
from argosy_worker.errors import EngineFault
from argosy_worker.lifecycle.domain import LoadedGraph

from tests.unit.worker.domains.fakes import FakeCall, Specs, assert_invalid, fake_call, loaded, refusal

METHODS = ["Recommend", "SimilarItems", "SimilarUsers", "Rank"]
SECTION = {
    "input": "history",
    "item_scores": "scores",
    "similar_items": "similar",
    "user_scores": "users",
    "items_file": "items.csv",
    "users_file": "users.txt",
}
OUTPUTS: Specs = {"scores": (-1, 5), "similar": (-1, 5), "users": (-1, 3)}
SCORES = {
    "scores": np.array([[0.5, 0.9, 0.1, 0.9, 0.3]], np.float32),
    "similar": np.array([[1.0, 0.2, 0.8, 0.8, 0.1]], np.float32),
    "users": np.array([[0.4, 1.0, 0.7]], np.float32),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "items.csv").write_text('id,name\na,Apple\nb,"Bread, brown"\nc,\nd,Date\ne,Egg\n')
    (tmp_path / "users.txt").write_text("ann\nbob\ncid\n")
    return tmp_path


def graph(folder: Path, methods: list[str] = METHODS, outputs: Specs = OUTPUTS, **section: Any) -> LoadedGraph:
    config = {"methods": methods, "recommendation": SECTION | section}
    return loaded(config, {"history": (-1, 5)}, outputs, folder=folder)


@pytest.fixture
def call(folder: Path) -> FakeCall:
    return fake_call(DOMAIN, graph(folder), SCORES)


def history(*ids: str) -> list[pb.Interaction]:
    return [pb.Interaction(item_id=item_id) for item_id in ids]


def ids(response: Any) -> str:
    return "".join(item.item_id for item in response.items)


async def test_recommended_items_come_best_first_without_the_history(call: FakeCall) -> None:
    response = await recommend(pb.RecommendRequest(history=history("a", "b")), call)

    assert [(item.item_id, item.name) for item in response.items] == [("d", "Date"), ("e", "Egg"), ("c", "")]
    assert response.items[0].score == pytest.approx(0.9)


async def test_a_history_becomes_a_vector_of_summed_weights(call: FakeCall) -> None:
    entries = [pb.Interaction(item_id="b", weight=2.5), *history("d", "b"), pb.Interaction(item_id="d", weight=0.25)]
    await recommend(pb.RecommendRequest(history=entries), call)

    assert call.only_input.dtype == np.float32
    assert call.only_input.tolist() == [[0, 3.5, 0, 1.25, 0]]


async def test_excluded_items_are_not_recommended(call: FakeCall) -> None:
    request = pb.RecommendRequest(history=history("a"), exclude_item_ids=["d", "d", "a"])
    assert ids(await recommend(request, call)) == "bec"


async def test_nothing_is_left_when_everything_is_excluded(call: FakeCall) -> None:
    assert ids(await recommend(pb.RecommendRequest(history=history(*"abcde")), call)) == ""


@pytest.mark.parametrize(("top_k", "expected"), [(1, "b"), (2, "bd"), (0, "bdec"), (10**9, "bdec")])
async def test_top_k_counts_from_the_best(call: FakeCall, top_k: int, expected: str) -> None:
    assert ids(await recommend(pb.RecommendRequest(history=history("a"), top_k=top_k), call)) == expected


async def test_top_k_of_zero_selects_ten(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("id,name\n" + "".join(f"i{number},\n" for number in range(20)))
    config = {
        "methods": ["Recommend"],
        "recommendation": {k: SECTION[k] for k in ("input", "item_scores", "items_file")},
    }
    model = loaded(config, {"history": (-1, 20)}, {"scores": (-1, 20)}, folder=tmp_path)
    call = fake_call(DOMAIN, model, {"scores": np.arange(20, dtype=np.float32)[None]})

    response = await recommend(pb.RecommendRequest(history=history("i0")), call)

    assert [item.item_id for item in response.items] == [f"i{number}" for number in range(19, 9, -1)]


async def test_similar_items_leave_out_the_item_itself(call: FakeCall) -> None:
    response = await similar_items(pb.SimilarItemsRequest(item_id="a", top_k=3), call)

    assert ids(response) == "cdb"
    assert call.only_input.tolist() == [[1, 0, 0, 0, 0]]


def users(response: pb.SimilarUsersResponse) -> list[str]:
    return [user.user_id for user in response.users]


async def test_similar_users_leave_out_the_caller(call: FakeCall) -> None:
    request = pb.SimilarUsersRequest(history=history("a"), user_id="cid")
    assert users(await similar_users(request, call)) == ["bob", "ann"]


async def test_similar_users_for_a_caller_who_is_not_known_are_all(call: FakeCall) -> None:
    request = pb.SimilarUsersRequest(history=history("a"), user_id="eve")
    assert users(await similar_users(request, call)) == ["bob", "cid", "ann"]


async def test_similar_users_without_a_caller_leave_out_equal_behaviour(call: FakeCall) -> None:
    assert users(await similar_users(pb.SimilarUsersRequest(history=history("a")), call)) == ["cid", "ann"]


async def test_rank_returns_every_candidate_in_order(call: FakeCall) -> None:
    request = pb.RankRequest(history=history("a"), candidate_item_ids=["c", "d", "a", "b"])
    assert ids(await rank(request, call)) == "dbac"


async def test_weights_that_add_up_to_more_than_the_model_holds_are_refused(folder: Path) -> None:
    small = graph(folder)
    (spec,) = small.inputs
    call = fake_call(DOMAIN, replace(small, inputs=(replace(spec, datatype="FP16"),)), SCORES)

    weights = [pb.Interaction(item_id="a", weight=40_000)] * 2
    error = await refusal(recommend(pb.RecommendRequest(history=weights), call))

    assert "add up to 80000" in error.message
    assert error.reason == "VALUE_OUT_OF_RANGE"


@pytest.mark.parametrize(
    ("entries", "reason", "part"),
    [
        ([], "NO_ITEMS", "history"),
        (history(*["a"] * 10_001), "TOO_MANY_ITEMS", "10000"),
        (history("a", "zz"), "ITEM_UNKNOWN", "history[1].item_id: the model's catalogue has no item 'zz'"),
        (history("a", "z" * 5000), "ITEM_UNKNOWN", "zzz..."),
        (history(""), "ITEM_UNKNOWN", "no item is named"),
        ([pb.Interaction(item_id="a", weight=0)], "WEIGHT_NOT_POSITIVE", "history[0].weight is 0"),
        ([pb.Interaction(item_id="a", weight=-1)], "WEIGHT_NOT_POSITIVE", "-1"),
        ([pb.Interaction(item_id="a", weight=np.nan)], "VALUE_NOT_FINITE", "nan"),
        ([pb.Interaction(item_id="a", weight=np.inf)], "VALUE_NOT_FINITE", "inf"),
        ([pb.Interaction(item_id="a", weight=1e30)], "VALUE_OUT_OF_RANGE", "history[0].weight is 1e+30"),
        ([pb.Interaction(item_id="a", weight=1e-30)], "VALUE_OUT_OF_RANGE", "from 1e-06 to 1e+06"),
    ],
)
async def test_a_bad_history_is_refused_by_every_method(
    call: FakeCall, entries: list[pb.Interaction], reason: str, part: str
) -> None:
    for answer in (
        recommend(pb.RecommendRequest(history=entries), call),
        similar_users(pb.SimilarUsersRequest(history=entries), call),
        rank(pb.RankRequest(history=entries, candidate_item_ids=["a"]), call),
    ):
        error = await refusal(answer)
        assert error.reason == reason
        assert part in error.message
        assert len(error.message) < 300
    assert not call.ran


async def test_other_bad_input_is_refused(call: FakeCall) -> None:
    seen = history("a")
    for answer, reason in (
        (recommend(pb.RecommendRequest(history=seen, top_k=-1), call), "TOP_K_NEGATIVE"),
        (recommend(pb.RecommendRequest(history=seen, exclude_item_ids=["x"]), call), "ITEM_UNKNOWN"),
        (recommend(pb.RecommendRequest(history=seen, exclude_item_ids=["a"] * 10_001), call), "TOO_MANY_ITEMS"),
        (similar_items(pb.SimilarItemsRequest(item_id="x"), call), "ITEM_UNKNOWN"),
        (similar_items(pb.SimilarItemsRequest(), call), "ITEM_UNKNOWN"),
        (similar_items(pb.SimilarItemsRequest(item_id="a", top_k=-5), call), "TOP_K_NEGATIVE"),
        (similar_users(pb.SimilarUsersRequest(history=seen, top_k=-1), call), "TOP_K_NEGATIVE"),
        (rank(pb.RankRequest(history=seen), call), "NO_ITEMS"),
        (rank(pb.RankRequest(history=seen, candidate_item_ids=["x"]), call), "ITEM_UNKNOWN"),
        (rank(pb.RankRequest(history=seen, candidate_item_ids=["a", "b", "a"]), call), "ITEM_REPEATED"),
        (rank(pb.RankRequest(history=seen, candidate_item_ids=["a"] * 10_001), call), "TOO_MANY_ITEMS"),
    ):
        assert (await refusal(answer)).reason == reason


async def test_a_repeated_candidate_is_named(call: FakeCall) -> None:
    error = await refusal(rank(pb.RankRequest(history=history("a"), candidate_item_ids=["a", "b", "a", "b"]), call))
    assert error.metadata == {"index": "2", "item_id": "a"}


async def test_scores_that_are_not_finite_are_the_engines_fault(folder: Path) -> None:
    call = fake_call(DOMAIN, graph(folder), {"scores": np.full((1, 5), np.nan, np.float32)})
    with pytest.raises(EngineFault):
        await recommend(pb.RecommendRequest(history=history("a")), call)


def test_the_best_of_many_equal_a_stable_sort() -> None:
    random = np.random.default_rng(7)
    for total in (1, 2, 50, 500):
        scores = random.integers(0, 8, total).astype(np.float32)
        for count in (1, 3, total, total + 1):
            assert best(scores, count).tolist() == np.argsort(-scores, kind="stable")[:count].tolist()
    assert best_allowed(scores, 3, np.flatnonzero(scores > 0)).tolist() == np.flatnonzero(scores == 0)[:3].tolist()


def test_a_model_without_users_serves_items(folder: Path) -> None:
    (folder / "users.txt").unlink()
    assert DOMAIN.prepare(graph(folder, ["Recommend"], user_scores=None, users_file=None)).users.ids == ()


@pytest.mark.parametrize(
    ("section", "part"),
    [
        ({"input": "x"}, "recommendation.input"),
        ({"item_scores": "x"}, "recommendation.item_scores"),
        ({"similar_items": None}, "recommendation.similar_items: must be set for the method SimilarItems"),
        ({"similar_items": "users"}, "recommendation.similar_items"),
        ({"user_scores": None}, "recommendation.user_scores"),
        ({"users_file": None}, "recommendation.users_file"),
        ({"user_scores": "scores"}, "recommendation.user_scores"),
        ({"items_file": "absent.csv"}, "absent.csv"),
    ],
)
def test_a_model_that_does_not_fit_its_graph_is_refused(folder: Path, section: dict[str, Any], part: str) -> None:
    assert_invalid(DOMAIN, graph(folder, **section), part)


@pytest.mark.parametrize(
    ("file", "content", "part"),
    [
        ("items.csv", "", "header must be id,name"),
        ("items.csv", "name,id\n", "header must be id,name"),
        ("items.csv", "id,name\n", "holds no id"),
        ("items.csv", "id,name\na,A\nb\n", "items.csv:3: has 1 columns"),
        ("items.csv", 'id,name\na,"A\n', "items.csv"),
        ("items.csv", "id,name\na,A\nb,B\na,C\n", "the id 'a' appears twice"),
        ("items.csv", "id,name\na,A\n,B\n", "an id is empty"),
        ("items.csv", "id,name\na,A\nb,B\n", "recommendation.input"),
        ("users.txt", "", "holds no id"),
        ("users.txt", "ann\nann\ncid", "'ann' appears twice"),
        ("users.txt", "ann\n", "recommendation.user_scores"),
    ],
)
def test_a_catalogue_that_is_damaged_is_refused(folder: Path, file: str, content: str, part: str) -> None:
    (folder / file).write_text(content)
    assert_invalid(DOMAIN, graph(folder), part)


def test_a_catalogue_that_is_not_text_is_refused(folder: Path) -> None:
    (folder / "items.csv").write_bytes(b"id,name\n\xff\xfe,x\n")
    assert_invalid(DOMAIN, graph(folder), "recommendation.items_file", "not UTF-8")
