# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Items, users and their histories."""

from pydantic import Field

from argosy_worker.repository.sections.base import RelativePath, Section

#: Methods of the domain's service that a model may implement.
METHODS = ("Recommend", "SimilarItems", "SimilarUsers", "Rank")


class RecommendationSection(Section):
    """The catalogue and the graph's outputs."""

    input: str = Field(
        description="Graph input for histories, FP32 of shape [batch, items]: the weight of each catalogue item, 0 "
        "where absent."
    )
    item_scores: str = Field(
        description="Graph output, FP32 of shape [batch, items]: how well each item suits the history (Recommend, "
        "Rank)."
    )
    similar_items: str | None = Field(
        default=None,
        description="Graph output, FP32 of shape [batch, items]: similarity of each item to the history's items "
        "(SimilarItems, which sends a history of one item).",
    )
    user_scores: str | None = Field(
        default=None,
        description="Graph output, FP32 of shape [batch, users]: similarity of each known user to the history "
        "(SimilarUsers).",
    )
    items_file: RelativePath = Field(
        description="CSV beside model.yaml with the header id,name: the items in graph order."
    )
    users_file: RelativePath | None = Field(
        default=None, description="Text file beside model.yaml: one user id a line, in graph order."
    )
