# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy.recommendation.v1.RecommendationService``."""

import numpy as np
from argosy.recommendation.v1 import recommendation_pb2 as pb

from argosy_worker.domains._shared.limits import chosen_top_k
from argosy_worker.domains.recommendation.codec import RecommendationCodec, prepare
from argosy_worker.lifecycle.domain import Call, Domain

#: Results returned where a request does not say how many.
DEFAULT_TOP_K = 10


async def recommend(request: pb.RecommendRequest, call: Call) -> pb.RecommendResponse:
    """Recommends items that are not in the history."""
    codec: RecommendationCodec = call.codec
    top_k = chosen_top_k(request.top_k, DEFAULT_TOP_K)
    vector, seen = codec.history(request.history)
    excluded = np.concatenate([seen, codec.positions(request.exclude_item_ids, "exclude_item_ids")])
    outputs = await call.infer({codec.port.name: vector})
    return pb.RecommendResponse(items=codec.best_items(outputs, codec.item_scores, top_k, excluded))


async def similar_items(request: pb.SimilarItemsRequest, call: Call) -> pb.SimilarItemsResponse:
    """Finds the items most similar to one."""
    codec: RecommendationCodec = call.codec
    top_k = chosen_top_k(request.top_k, DEFAULT_TOP_K)
    vector, itself = codec.one_item(request.item_id)
    outputs = await call.infer({codec.port.name: vector})
    return pb.SimilarItemsResponse(items=codec.best_items(outputs, codec.similar_items, top_k, itself))


async def similar_users(request: pb.SimilarUsersRequest, call: Call) -> pb.SimilarUsersResponse:
    """Finds the known users most similar to a history."""
    codec: RecommendationCodec = call.codec
    top_k = chosen_top_k(request.top_k, DEFAULT_TOP_K)
    vector, _ = codec.history(request.history)
    outputs = await call.infer({codec.port.name: vector})
    return pb.SimilarUsersResponse(users=codec.best_users(outputs, top_k, request.user_id))


async def rank(request: pb.RankRequest, call: Call) -> pb.RankResponse:
    """Orders candidates for a history."""
    codec: RecommendationCodec = call.codec
    vector, _ = codec.history(request.history)
    candidates = codec.candidates(request.candidate_item_ids)
    outputs = await call.infer({codec.port.name: vector})
    return pb.RankResponse(items=codec.ranked_items(outputs, candidates))


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
)
