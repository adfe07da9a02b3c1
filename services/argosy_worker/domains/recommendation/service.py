# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy.recommendation.v1.RecommendationService``."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from argosy.recommendation.v1 import recommendation_pb2 as pb
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import required
from argosy_worker.domains._shared.limits import chosen_top_k
from argosy_worker.domains.recommendation.codec import Found, RecommendationCodec, catalogue_files, prepare
from argosy_worker.domains.recommendation.filters import read_conditions
from argosy_worker.domains.recommendation.history import History, read_candidates, read_history, read_positions
from argosy_worker.domains.recommendation.reasons import check_cost, find_reasons, reason_count
from argosy_worker.lifecycle.domain import Call, Domain

#: Results returned where a request does not say how many.
DEFAULT_TOP_K = 10
#: Making the message of an item takes as long as decoding so many bytes.
_ITEM_BYTES = 64


async def recommend(request: pb.RecommendRequest, call: Call) -> pb.RecommendResponse:
    """Recommends items that are not in the history; what is popular to somebody without one."""
    codec: RecommendationCodec = call.codec
    items = codec.items
    top_k, reasons = chosen_top_k(request.top_k, DEFAULT_TOP_K), reason_count(request.reason_count)
    history = read_history(request.history, items, codec.scoring.most, may_be_empty=items.popularity is not None)
    excluded = np.concatenate([history.positions, read_positions(request.exclude_item_ids, items, "exclude_item_ids")])
    conditions = read_conditions(request.filters, items.attributes)
    if reasons and len(history):
        section = required(call.config.recommendation, "recommendation", "reasons")
        check_cost(history, min(top_k, len(items.ids)), section.explain, call)
    scores = codec.popular
    if len(history):
        scores = partial(codec.scoring.scores, await _row(codec, history, call))
    found: Found = await call.offload(
        codec.search, scores, top_k, excluded, conditions, payload_bytes=codec.search_bytes
    )
    why: Sequence[Found] = ()
    if reasons and len(history) and len(found.positions):
        why = await find_reasons(codec, history, found, reasons, call)
    return pb.RecommendResponse(items=await _shown(codec, call, found, why))


async def similar_items(request: pb.SimilarItemsRequest, call: Call) -> pb.SimilarItemsResponse:
    """Finds the items most similar to one: as the graph says, or by their vectors."""
    codec: RecommendationCodec = call.codec
    top_k = chosen_top_k(request.top_k, DEFAULT_TOP_K)
    item = np.array([codec.items.find(request.item_id, "item_id")], np.intp)
    if codec.items.vectors is not None:
        found = await call.offload(_similar, codec, item, top_k, payload_bytes=codec.search_bytes)
    else:
        outputs = await call.infer(codec.scoring.inputs(item, np.ones((1, 1))))
        every = codec.similar_scores(outputs)
        found = codec.search(lambda _: every, top_k, item, ())
    return pb.SimilarItemsResponse(items=await _shown(codec, call, found))


async def similar_users(request: pb.SimilarUsersRequest, call: Call) -> pb.SimilarUsersResponse:
    """Finds the known users most similar to a history."""
    codec: RecommendationCodec = call.codec
    top_k = chosen_top_k(request.top_k, DEFAULT_TOP_K)
    history = read_history(request.history, codec.items, codec.scoring.most, may_be_empty=False)
    outputs = await call.infer(codec.scoring.inputs(history.positions, history.weights[None]))
    return pb.SimilarUsersResponse(users=codec.best_users(outputs, top_k, request.user_id))


async def rank(request: pb.RankRequest, call: Call) -> pb.RankResponse:
    """Orders candidates for a history."""
    codec: RecommendationCodec = call.codec
    history = read_history(request.history, codec.items, codec.scoring.most, may_be_empty=False)
    candidates = read_candidates(request.candidate_item_ids, codec.items)
    scores = codec.scoring.scores(await _row(codec, history, call), candidates)
    return pb.RankResponse(items=await _shown(codec, call, codec.ranked(scores, candidates)))


async def _row(codec: RecommendationCodec, history: History, call: Call) -> NDArray[Any]:
    """What the graph makes of a history."""
    outputs = await call.infer(codec.scoring.inputs(history.positions, history.weights[None]))
    return np.asarray(codec.scoring.rows(outputs, 1)[0])


async def _shown(
    codec: RecommendationCodec, call: Call, found: Found, reasons: Sequence[Found] = ()
) -> Sequence[pb.ScoredItem]:
    """Messages of found items; who asks for all of a large catalogue does not keep the others waiting."""
    made: Sequence[pb.ScoredItem] = await call.offload(
        codec.scored_items, found, reasons, payload_bytes=len(found.positions) * _ITEM_BYTES
    )
    return made


def _similar(codec: RecommendationCodec, item: NDArray[np.intp], top_k: int) -> Found:
    every = codec.alike(int(item[0]))
    return codec.search(lambda _: every, top_k, item, ())


DOMAIN = Domain(
    name="recommendation",
    service=pb.DESCRIPTOR.services_by_name["RecommendationService"],
    methods={
        "Recommend": recommend,
        "SimilarItems": similar_items,
        "SimilarUsers": similar_users,
        "Rank": rank,
    },
    prepare=prepare,
    live_files=catalogue_files,
)
