# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Items, users and their histories."""

import csv

from argosy_client.bridge.plan import Facts, Plan


def fits(facts: Facts) -> str:
    """Why a graph looks like one of a recommender; empty where it does not."""
    return "items.csv lies beside it" if facts.companions.items is not None else ""


def plan(facts: Facts, why: str) -> Plan:
    """A plan for Recommend and Rank; by tensors alone without a catalogue."""
    output = facts.scores()
    items = facts.companions.items
    if items is None or output is None or len(facts.graph.inputs) != 1:
        missing = "typed calls need the catalogue: put items.csv (id,name in the graph's order) beside the graph"
        return Plan("recommendation", why, missing=missing)
    with items.open(newline="", encoding="utf-8-sig") as lines:
        first = next(csv.DictReader(lines), {})
    section = {"input": facts.graph.inputs[0].name, "item_scores": output.name, "items_file": "items.csv"}
    comments = {"recommendation.item_scores": "how well each item suits the history; higher is better"}
    request = {"history": [{"itemId": first.get("id", "")}], "topK": 3}
    return Plan(
        "recommendation", why, ("Recommend", "Rank"), section, comments, assets={"items.csv": items}, request=request
    )
