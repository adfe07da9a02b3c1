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
from argosy_worker.lifecycle.call import INLINE_DECODE_BYTES
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.schema import ModelConfig
from pydantic import ValidationError

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


CATALOGUE = """id,name,kind,tags,sold
a,Apple,fruit,red|round,5
b,Bread,bakery,,9
c,Cherry,fruit,red,2
d,Date,fruit,brown|sweet,9
e,Egg,,round,1
"""


@pytest.fixture
def attributed(folder: Path) -> FakeCall:
    (folder / "items.csv").write_text(CATALOGUE)
    return fake_call(DOMAIN, graph(folder, popularity="sold"), SCORES)


def having(attribute: str, *values: str) -> pb.AttributeFilter:
    return pb.AttributeFilter(attribute=attribute, values=values)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([having("kind", "fruit")], "dc"),
        ([having("tags", "round")], "e"),
        ([having("tags", "sweet", "red")], "dc"),
        ([having("kind", "fruit"), having("tags", "red")], "c"),
        ([having("kind", "fruit", "fruit", "no such value")], "dc"),
        ([having("kind", "no such value")], ""),
        ([having("kind", "")], ""),
        ([having("kind", "fruit"), having("kind", "bakery")], ""),
        ([], "dbec"),
    ],
)
async def test_only_items_that_meet_every_filter_are_recommended(
    attributed: FakeCall, filters: list[pb.AttributeFilter], expected: str
) -> None:
    request = pb.RecommendRequest(history=history("a"), filters=filters)
    found = ids(await recommend(request, attributed))
    assert sorted(found) == sorted(expected)
    assert found == ids(await recommend(request, attributed))


@pytest.mark.parametrize(
    ("filters", "reason", "part"),
    [
        ([having("colour", "red")], "ATTRIBUTE_UNKNOWN", "no attribute 'colour'; they have kind, tags"),
        ([having("", "red")], "ATTRIBUTE_UNKNOWN", "filters[0].attribute"),
        ([having("sold", "9")], "ATTRIBUTE_UNKNOWN", "'sold'"),
        ([having("x" * 5000, "red")], "ATTRIBUTE_UNKNOWN", "xxx..."),
        ([having("kind", "fruit"), having("kind")], "NO_ITEMS", "filters[1].values"),
        ([having("kind", *["x"] * 101)], "TOO_MANY_ITEMS", "filters[0].values holds 101"),
        ([having("kind", "fruit")] * 21, "TOO_MANY_ITEMS", "filters holds 21"),
    ],
)
async def test_filters_that_cannot_be_meant_are_refused(
    attributed: FakeCall, filters: list[pb.AttributeFilter], reason: str, part: str
) -> None:
    error = await refusal(recommend(pb.RecommendRequest(history=history("a"), filters=filters), attributed))
    assert error.reason == reason
    assert part in error.message
    assert len(error.message) < 300
    assert not attributed.ran


async def test_somebody_without_history_is_recommended_what_is_popular(attributed: FakeCall) -> None:
    response = await recommend(pb.RecommendRequest(top_k=3, exclude_item_ids=["d"]), attributed)
    assert [(item.item_id, item.score) for item in response.items] == [("b", 9), ("a", 5), ("c", 2)]
    assert not attributed.ran, "the graph has nothing to say without a history"
    filtered = pb.RecommendRequest(filters=[having("kind", "fruit")], reason_count=5)
    answer = await recommend(filtered, attributed)
    assert ids(answer) == "dac"
    assert not any(item.reasons for item in answer.items)


async def test_other_methods_refuse_an_empty_history_even_so(attributed: FakeCall) -> None:
    for answer in (
        similar_users(pb.SimilarUsersRequest(), attributed),
        rank(pb.RankRequest(candidate_item_ids=["a"]), attributed),
    ):
        assert (await refusal(answer)).reason == "NO_ITEMS"


def additive(inputs: Any) -> dict[str, Any]:
    """Scores of which every item's weight is a part: by 1 for item d, by another factor for the others."""
    factors = np.array([[1, 2, -1, 0, 0.5]], np.float32)
    return {"scores": (inputs["history"] * factors).sum(axis=1, keepdims=True) * np.array([[1, 1, 1, 3, 2]], "f4")}


async def test_reasons_are_the_items_without_which_the_score_would_be_lower(folder: Path) -> None:
    call = fake_call(DOMAIN, graph(folder), additive)
    entries = [pb.Interaction(item_id="a", weight=5), *history("b", "c", "a")]

    response = await recommend(pb.RecommendRequest(history=entries, top_k=2, reason_count=2), call)

    best_item, second = response.items
    assert (best_item.item_id, second.item_id) == ("d", "e")
    assert [(why.item_id, why.name) for why in best_item.reasons] == [("a", "Apple"), ("b", "Bread, brown")]
    assert [why.contribution for why in best_item.reasons] == pytest.approx([18, 6])
    assert [why.contribution for why in second.reasons] == pytest.approx([12, 4])


async def test_an_item_that_lowers_a_score_is_no_reason(folder: Path) -> None:
    call = fake_call(DOMAIN, graph(folder), additive)
    response = await recommend(pb.RecommendRequest(history=history("a", "c"), top_k=1, reason_count=20), call)
    assert [why.item_id for why in response.items[0].reasons] == ["a"]


async def test_reasons_of_a_long_history_are_sought_a_few_at_a_time(tmp_path: Path) -> None:
    count = 200
    ids = [f"i{number}" for number in range(count)]
    write_index(tmp_path, ids=np.array(ids), names=None, year=None, sold=None, vectors=np.eye(count, 2, dtype="f4"))
    call = fake_call(DOMAIN, indexed_graph(tmp_path), pooled)
    entries = [pb.Interaction(item_id=item_id, weight=index + 1) for index, item_id in enumerate(ids[:150])]
    response = await recommend(pb.RecommendRequest(history=entries, top_k=1, reason_count=1), call)
    assert len(response.items) == 1
    rows = [len(inputs["weights"]) for inputs in call.ran]
    assert (rows[0], sum(rows[1:])) == (1, 150)
    assert max(rows) == 64


async def test_results_and_history_that_make_too_many_parts_are_refused(tmp_path: Path) -> None:
    count = 20_000
    np.savez(tmp_path / "items.npz", ids=np.arange(count).astype(str), vectors=np.ones((count, 2), np.float32))
    call = fake_call(DOMAIN, indexed_graph(tmp_path), pooled)
    request = pb.RecommendRequest(history=history(*map(str, range(60))), top_k=10**9, reason_count=1)
    assert (await refusal(recommend(request, call))).reason == "EXPLANATION_TOO_COSTLY"
    assert not call.ran


async def test_no_reasons_are_sought_where_none_are_asked_for(folder: Path) -> None:
    call = fake_call(DOMAIN, graph(folder), additive)
    await recommend(pb.RecommendRequest(history=history("a", "b")), call)
    assert len(call.ran) == 1


@pytest.mark.parametrize("count", [-1, 21, 2**31 - 1])
async def test_a_count_of_reasons_out_of_range_is_refused(call: FakeCall, count: int) -> None:
    error = await refusal(recommend(pb.RecommendRequest(history=history("a"), reason_count=count), call))
    assert error.reason == "REASON_COUNT_OUT_OF_RANGE"


async def test_reasons_that_cost_more_than_the_model_allows_are_refused_with_the_estimate(folder: Path) -> None:
    request = pb.RecommendRequest(history=history("a", "b", "c"), reason_count=1)
    few = fake_call(DOMAIN, graph(folder, explain={"max_evaluations": 2}), additive)
    slow = fake_call(DOMAIN, graph(folder, explain={"max_s": 1.0}), additive)
    slow.items_per_s = 0.2
    for call, part in ((few, "3 evaluations"), (slow, "15.0 s")):
        error = await refusal(recommend(request, call))
        assert error.reason == "EXPLANATION_TOO_COSTLY"
        assert part in error.message
        assert not call.ran


INDEX = {"history": "history", "weights": "weights", "user_vector": "user"}


def indexed_graph(folder: Path, methods: list[str] | None = None, **section: Any) -> LoadedGraph:
    config = {
        "methods": methods or ["Recommend", "SimilarItems", "Rank"],
        "recommendation": {
            "items_file": "items.npz",
            "index": INDEX,
        }
        | section,
    }
    return loaded(config, {"history": (-1, -1, 2), "weights": (-1, -1)}, {"user": (-1, 2)}, folder=folder)


def write_index(folder: Path, **changed: Any) -> None:
    arrays = {
        "ids": np.array(list("abcde")),
        "names": np.array(["Apple", "", "", "Date", ""]),
        "vectors": np.array([[1, 0], [0, 1], [2, 0.1], [-1, 0], [1, 1]], np.float32),
        "year": np.array([2024, 2025, 2025, 2025, 2026]),
        "sold": np.array([1.0, 5, 2, 4, 3]),
    }
    kept = {name: array for name, array in (arrays | changed).items() if array is not None}
    np.savez(folder / "items.npz", **kept)


def pooled(inputs: Any) -> dict[str, Any]:
    """A user tower: the weighted sum of the history's vectors."""
    return {"user": (inputs["history"] * inputs["weights"][:, :, None]).sum(axis=1)}


@pytest.fixture
def indexed(tmp_path: Path) -> FakeCall:
    write_index(tmp_path)
    return fake_call(DOMAIN, indexed_graph(tmp_path, popularity="sold"), pooled)


async def test_items_are_scored_by_their_vectors_products_with_the_users(indexed: FakeCall) -> None:
    entries = [pb.Interaction(item_id="e", weight=2), *history("a")]
    response = await recommend(pb.RecommendRequest(history=entries), indexed)

    assert [(item.item_id, item.score) for item in response.items] == [
        ("c", pytest.approx(6.2)),
        ("b", pytest.approx(2)),
        ("d", pytest.approx(-3)),
    ]
    (inputs,) = indexed.ran
    assert inputs["history"].tolist() == [[[1, 0], [1, 1]]]
    assert inputs["weights"].tolist() == [[1, 2]]


async def test_an_index_is_filtered_ranked_explained_and_works_without_history(indexed: FakeCall) -> None:
    filtered = pb.RecommendRequest(history=history("e"), filters=[having("year", "2025")], top_k=2, reason_count=3)
    response = await recommend(filtered, indexed)
    assert ids(response) == "cb"
    assert [why.contribution for why in response.items[0].reasons] == pytest.approx([2.1])
    assert ids(await recommend(pb.RecommendRequest(top_k=2), indexed)) == "bd"
    ranked = await rank(pb.RankRequest(history=history("a"), candidate_item_ids=["d", "b", "a"]), indexed)
    assert [(item.item_id, item.score) for item in ranked.items] == [("a", 1), ("b", 0), ("d", -1)]


async def test_items_of_an_index_are_similar_by_the_cosine_of_their_vectors(indexed: FakeCall) -> None:
    response = await similar_items(pb.SimilarItemsRequest(item_id="a", top_k=3), indexed)
    expected = [("c", 2 / np.hypot(2, 0.1)), ("e", 0.5**0.5), ("b", 0)]
    assert [item.item_id for item in response.items] == [item_id for item_id, _ in expected]
    assert [item.score for item in response.items] == pytest.approx([cosine for _, cosine in expected], abs=1e-6)
    assert not indexed.ran


async def test_a_search_through_many_items_is_taken_off_the_event_loop(tmp_path: Path) -> None:
    count = 40_000
    vectors = np.random.default_rng(1).normal(size=(count, 32)).astype(np.float32)
    np.savez(tmp_path / "items.npz", ids=np.arange(count).astype(str), vectors=vectors)
    section = indexed_graph(tmp_path).config.model_dump(exclude_none=True)
    model = loaded(section, {"history": (-1, -1, 32), "weights": (-1, -1)}, {"user": (-1, 32)}, folder=tmp_path)
    call = fake_call(DOMAIN, model, pooled)

    response = await recommend(pb.RecommendRequest(history=history("7"), top_k=4), call)

    scores = vectors @ vectors[7]
    scores[7] = -np.inf
    assert [int(item.item_id) for item in response.items] == np.argsort(-scores)[:4].tolist()
    assert max(call.payloads) > INLINE_DECODE_BYTES


@pytest.mark.parametrize("vectors", [[[3e38, 3e38]] * 5, [[1e30, 0], [-3e38, 3e38], [1, 0], [0, 1], [1, 1]]])
async def test_vectors_whose_products_overflow_are_the_engines_fault(tmp_path: Path, vectors: Any) -> None:
    write_index(tmp_path, vectors=np.array(vectors, np.float32))
    call = fake_call(DOMAIN, indexed_graph(tmp_path), pooled)
    with np.errstate(over="ignore"), pytest.raises(EngineFault):
        await recommend(pb.RecommendRequest(history=history("a")), call)


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"ids": None}, "must hold ids"),
        ({"ids": np.array(list("abcda"))}, "'a' appears twice"),
        ({"ids": np.array(list("abcd"))}, "[4, dimensions]"),
        ({"names": np.array(["x"])}, "names has 1 entries for 5 ids"),
        ({"year": np.zeros((5, 2))}, "must hold year, an array of one dimension"),
        ({"year": np.zeros(4)}, "year has 4 entries"),
        ({"vectors": None}, "must hold vectors"),
        ({"vectors": np.zeros((5, 2), np.int64)}, "must hold vectors, floating-point numbers of shape [5"),
        ({"vectors": np.full((5, 2), np.nan, np.float32)}, "not finite"),
        ({"vectors": np.zeros((5, 3), np.float32)}, "recommendation.index.history"),
        ({"ids": np.array([b"a", object()], object)}, "no .npz file of plain arrays"),
    ],
)
def test_an_index_that_is_damaged_is_refused(tmp_path: Path, changed: dict[str, Any], part: str) -> None:
    write_index(tmp_path, **changed)
    assert_invalid(DOMAIN, indexed_graph(tmp_path), part)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"id,name\n"])
def test_an_index_that_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "items.npz").write_bytes(content)
    assert_invalid(DOMAIN, indexed_graph(tmp_path), "no .npz file of plain arrays")


@pytest.mark.parametrize(
    ("section", "part"),
    [
        ({"popularity": "colour"}, "has no column 'colour'"),
        ({"popularity": "kind"}, "'kind' must hold a finite number"),
    ],
)
def test_a_popularity_that_is_none_is_refused(folder: Path, section: dict[str, Any], part: str) -> None:
    (folder / "items.csv").write_text(CATALOGUE)
    assert_invalid(DOMAIN, graph(folder, **section), part)


@pytest.mark.parametrize(
    "section",
    [
        {"items_file": "items.csv"},
        {"items_file": "items.csv", "input": "x"},
        SECTION | {"index": INDEX},
        {"items_file": "items.npz", "user_scores": "users", "index": INDEX},
    ],
)
def test_a_section_scores_in_one_way(section: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="index"):
        ModelConfig.model_validate({"recommendation": section})


def test_the_catalogue_alone_may_change_while_a_model_serves(folder: Path) -> None:
    assert list(DOMAIN.live_files(graph(folder).config)) == ["items.csv"]
    assert list(DOMAIN.live_files(ModelConfig())) == []


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


@pytest.mark.parametrize("levels", [1, 2, 1000, 10**9])
def test_the_best_of_very_many_equal_a_stable_sort(levels: int) -> None:
    scores = np.random.default_rng(8).integers(0, levels, 100_003).astype(np.float32)
    for count in (1, 10, 20, 30, 5000):
        assert best(scores, count).tolist() == np.argsort(-scores, kind="stable")[:count].tolist()
    scores[-1] = 2e9
    assert best(scores, 2)[0] == len(scores) - 1, "beyond the last whole block"


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
        ("items.csv", "", "header must begin with id,name"),
        ("items.csv", "name,id\n", "header must begin with id,name"),
        ("items.csv", "id,name\n", "holds no id"),
        ("items.csv", "id,name,kind,kind\n", "each column needs a name of its own"),
        ("items.csv", "id,name,\n", "each column needs a name of its own"),
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
