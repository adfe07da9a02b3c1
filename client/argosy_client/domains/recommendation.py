# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Recommendations: items and users from a history of behaviour."""

from collections.abc import Iterable, Mapping, Sequence

from argosy.recommendation.v1 import recommendation_pb2 as pb

from argosy_client.aio_transport import AsyncTransport
from argosy_client.calls import Call, checked_model, checked_top_k, checked_version
from argosy_client.recommendation_results import RankedItems, Reason, ScoredItem, ScoredUser, SimilarUsers
from argosy_client.results import Timing
from argosy_client.transport import Transport

SERVICE = "/argosy.recommendation.v1.RecommendationService"
#: Item ids, or item ids with the weight of each (finite, more than 0).
History = Sequence[str] | Mapping[str, float]
#: Attributes of items, each with the value, or the values of which one, that a recommended item must have.
Filters = Mapping[str, str | Iterable[str]]


def recommend_call(
    history: History,
    exclude: Iterable[str],
    filters: Filters | None,
    reasons: int,
    model: str | None,
    version: str | int | None,
    top_k: int,
) -> Call[RankedItems]:
    """The call that recommends items."""
    request = pb.RecommendRequest(
        model=checked_model(model),
        version=checked_version(version),
        history=_interactions(history),
        exclude_item_ids=_ids(exclude, "exclude"),
        filters=_filters(filters or {}),
        reason_count=_reason_count(reasons),
        top_k=checked_top_k(top_k),
    )
    return Call(f"{SERVICE}/Recommend", request, pb.RecommendResponse, _read_items, request.model)


def similar_items_call(item_id: str, model: str | None, version: str | int | None, top_k: int) -> Call[RankedItems]:
    """The call that finds similar items."""
    request = pb.SimilarItemsRequest(
        model=checked_model(model), version=checked_version(version), item_id=item_id, top_k=checked_top_k(top_k)
    )
    return Call(f"{SERVICE}/SimilarItems", request, pb.SimilarItemsResponse, _read_items, request.model)


def similar_users_call(
    history: History, user_id: str, model: str | None, version: str | int | None, top_k: int
) -> Call[SimilarUsers]:
    """The call that finds similar users."""
    request = pb.SimilarUsersRequest(
        model=checked_model(model),
        version=checked_version(version),
        history=_interactions(history),
        user_id=user_id,
        top_k=checked_top_k(top_k),
    )
    return Call(f"{SERVICE}/SimilarUsers", request, pb.SimilarUsersResponse, _read_users, request.model)


def rank_call(
    history: History, candidates: Iterable[str], model: str | None, version: str | int | None
) -> Call[RankedItems]:
    """The call that scores candidates."""
    request = pb.RankRequest(
        model=checked_model(model),
        version=checked_version(version),
        history=_interactions(history),
        candidate_item_ids=_ids(candidates, "candidates"),
    )
    return Call(f"{SERVICE}/Rank", request, pb.RankResponse, _read_items, request.model)


def _interactions(history: History) -> list[pb.Interaction]:
    if isinstance(history, Mapping):
        ids = _ids(history, "history")
        return [pb.Interaction(item_id=item_id, weight=_weight(item_id, history[item_id])) for item_id in ids]
    return [pb.Interaction(item_id=item_id) for item_id in _ids(history, "history")]


def _ids(ids: Iterable[str], what: str) -> list[str]:
    if isinstance(ids, str):  # A text is iterable too: its letters would become ids.
        raise ValueError(f"{what} is a list of item ids, not one text: write [{ids!r}]")
    found = list(ids)
    for one in found:
        if not isinstance(one, str):
            raise ValueError(f"{what} holds {one!r}; an item id is text, and weights are given as a dict by item id")
    return found


def _filters(filters: Filters) -> list[pb.AttributeFilter]:
    return [
        pb.AttributeFilter(
            attribute=attribute, values=[wanted] if isinstance(wanted, str) else _ids(wanted, f"filters[{attribute!r}]")
        )
        for attribute, wanted in filters.items()
    ]


def _reason_count(reasons: int) -> int:
    if not 0 <= reasons < 2**31:
        raise ValueError(f"reasons is {reasons}; it must be a number of items, 0 for none")
    return reasons


def _weight(item_id: str, weight: float) -> float:
    try:
        return float(weight)
    except (TypeError, ValueError):
        raise ValueError(f"the weight of {item_id!r} is {weight!r}; it must be a number more than 0") from None


def _read_items(
    answer: pb.RecommendResponse | pb.SimilarItemsResponse | pb.RankResponse, timing: Timing
) -> RankedItems:
    items = tuple(ScoredItem(one.item_id, one.name, one.score, _reasons(one)) for one in answer.items)
    return RankedItems(items, answer.model, answer.version, timing)


def _reasons(item: pb.ScoredItem) -> tuple[Reason, ...]:
    return tuple(Reason(one.item_id, one.name, one.contribution) for one in item.reasons)


def _read_users(answer: pb.SimilarUsersResponse, timing: Timing) -> SimilarUsers:
    users = tuple(ScoredUser(one.user_id, one.score) for one in answer.users)
    return SimilarUsers(users, answer.model, answer.version, timing)


class Recommendation:
    """Suggests and ranks items from a user's behaviour.

    A history is a list of item ids, or a dict of item ids with weights. Every method raises ArgosyError for a call
    that failed, and ValueError for an input that cannot be sent.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def recommend(
        self,
        history: History,
        *,
        exclude: Iterable[str] = (),
        filters: Filters | None = None,
        reasons: int = 0,
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> RankedItems:
        """Recommends items, none of the history nor of ``exclude``.

        Args:
            history: What the user did; an empty one selects what is popular, where the model declares that.
            exclude: Further items that must not be recommended.
            filters: Attributes that every item must have, such as ``{"genre": ["horror", "mystery"]}``: one of the
                values of each.
            reasons: Items of the history to name for each recommended one, at most 20: those that weighed most.
            model: Name of the model; None selects the default.
            version: Version number or label; None selects the default.
            top_k: Items wanted; 0 selects 10.
            timeout_s: Deadline in seconds; None selects the client's.
        """
        return self._transport.send(
            recommend_call(history, exclude, filters, reasons, model, version, top_k), timeout_s
        )

    def similar_items(
        self,
        item_id: str,
        *,
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> RankedItems:
        """Finds the items most like one item; arguments as in recommend."""
        return self._transport.send(similar_items_call(item_id, model, version, top_k), timeout_s)

    def similar_users(
        self,
        history: History,
        *,
        user_id: str = "",
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> SimilarUsers:
        """Finds the known users most like a history; ``user_id`` is the caller's own, which is left out."""
        return self._transport.send(similar_users_call(history, user_id, model, version, top_k), timeout_s)

    def rank(
        self,
        history: History,
        candidates: Iterable[str],
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> RankedItems:
        """Scores given candidates, best first; other arguments as in recommend."""
        return self._transport.send(rank_call(history, candidates, model, version), timeout_s)


class AsyncRecommendation:
    """Recommendation for asyncio: the same methods, awaited."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def recommend(
        self,
        history: History,
        *,
        exclude: Iterable[str] = (),
        filters: Filters | None = None,
        reasons: int = 0,
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> RankedItems:
        """See Recommendation.recommend."""
        return await self._transport.send(
            recommend_call(history, exclude, filters, reasons, model, version, top_k), timeout_s
        )

    async def similar_items(
        self,
        item_id: str,
        *,
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> RankedItems:
        """See Recommendation.similar_items."""
        return await self._transport.send(similar_items_call(item_id, model, version, top_k), timeout_s)

    async def similar_users(
        self,
        history: History,
        *,
        user_id: str = "",
        model: str | None = None,
        version: str | int | None = None,
        top_k: int = 0,
        timeout_s: float | None = None,
    ) -> SimilarUsers:
        """See Recommendation.similar_users."""
        return await self._transport.send(similar_users_call(history, user_id, model, version, top_k), timeout_s)

    async def rank(
        self,
        history: History,
        candidates: Iterable[str],
        *,
        model: str | None = None,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> RankedItems:
        """See Recommendation.rank."""
        return await self._transport.send(rank_call(history, candidates, model, version), timeout_s)
