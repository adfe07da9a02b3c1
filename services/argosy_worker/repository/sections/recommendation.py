# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Items, users and their histories."""

from pydantic import Field, model_validator

from argosy_worker.repository.sections.base import ExplainSection, RelativePath, Section

#: Methods of the domain's service that a model may implement.
METHODS = ("Recommend", "SimilarItems", "SimilarUsers", "Rank")


class ItemIndex(Section):
    """For a graph that makes a vector of a user's history: items are scored by its product with their vectors."""

    history: str = Field(
        description="Graph input for the vectors of a history's items, FP32 of shape [batch, interactions, dimensions]."
    )
    weights: str = Field(
        description="Graph input for their weights, FP32 of shape [batch, interactions]; 0 for padding, which must not "
        "change the result."
    )
    user_vector: str = Field(description="Graph output, FP32 of shape [batch, dimensions]: the user's vector.")


class RecommendationSection(Section):
    """The catalogue and the graph's outputs: either input and item_scores, or index."""

    input: str | None = Field(
        default=None,
        description="Graph input for histories, FP32 of shape [batch, items]: the weight of each catalogue item, 0 "
        "where absent.",
    )
    item_scores: str | None = Field(
        default=None,
        description="Graph output, FP32 of shape [batch, items]: how well each item suits the history (Recommend, "
        "Rank).",
    )
    index: ItemIndex | None = Field(default=None, description="Instead of both: a user's vector against the items'.")
    similar_items: str | None = Field(
        default=None,
        description="Graph output, FP32 of shape [batch, items]: similarity of each item to the history's items "
        "(SimilarItems, which sends a history of one item). With an index, items are compared by their vectors.",
    )
    user_scores: str | None = Field(
        default=None,
        description="Graph output, FP32 of shape [batch, users]: similarity of each known user to the history "
        "(SimilarUsers).",
    )
    items_file: RelativePath = Field(
        description="The catalogue beside model.yaml, items in graph order: a CSV file whose header begins with "
        "id,name, each further column an attribute; or an .npz file with the arrays ids, names, vectors (FP32 of shape "
        "[items, dimensions], for an index) and one for each attribute. A cell may hold several values with | between "
        "them. A new file is taken up while the model serves.",
    )
    popularity: str | None = Field(
        default=None,
        description="Column of items_file with a number for each item: somebody without history is recommended the "
        "items with the highest. Null refuses an empty history.",
    )
    users_file: RelativePath | None = Field(
        default=None, description="Text file beside model.yaml: one user id a line, in graph order."
    )
    explain: ExplainSection = Field(
        default_factory=ExplainSection,
        description="What the reasons of a recommendation may cost: the model runs once for each item of the history, "
        "without that item.",
    )

    @model_validator(mode="after")
    def _one_way_to_score(self) -> "RecommendationSection":
        if self.index is None and (self.input is None or self.item_scores is None):
            raise ValueError("set input and item_scores, or index")
        if self.index is not None and not (self.input is self.item_scores is self.similar_items is None):
            raise ValueError("index stands instead of input, item_scores and similar_items: set one or the other")
        if self.index is not None and self.user_scores is not None:
            raise ValueError("user_scores needs input: with an index no user is known")
        return self
