# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from typing import Any

from argosy_gateway.discovery.kubernetes.models import described, entries
from argosy_gateway.traffic import Share, Traffic


def resource(own: str, created: str = "2026-01-01T00:00:00Z", **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": own, "creationTimestamp": created}, "spec": spec}


def test_labels_traffic_and_loaded_are_taken_from_a_resource_as_from_the_fleet_document() -> None:
    traffic = {"split": {"stable": 90, "2": 10.0}, "mirror": {"canary": 5}}
    found = entries([resource("digits", domain="vision", labels={"stable": 1, "canary": 2}, traffic=traffic)])
    entry = found["digits"]
    assert (entry.labels, entry.loaded) == ({"stable": 1, "canary": 2}, True)
    assert entry.traffic.resolved(entry.labels) == Traffic((Share(2, 1000), Share(1, 9000)), (Share(2, 500),))
    assert not entries([resource("off", loaded=False)])["off"].loaded


def test_a_resource_may_name_its_model_and_of_two_for_one_the_older_counts() -> None:
    newer = resource("a", "2026-02-01T00:00:00Z", name="two_words", labels={"stable": 2})
    older = resource("b", "2026-01-01T00:00:00Z", name="two_words", labels={"stable": 1})
    for order in ([newer, older], [older, newer]):
        assert {name: entry.labels for name, entry in entries(order).items()} == {"two_words": {"stable": 1}}


def test_an_unusable_resource_is_named_and_left_out_alone() -> None:
    problems: list[tuple[str, str]] = []
    bad = resource("bad", traffic={"split": {"stable": 100}})
    found = entries([bad, resource("good")], lambda name, reason: problems.append((name, reason)))
    assert set(found) == {"good"}
    assert problems[0][0] == "bad"
    assert "'stable'" in problems[0][1]


def test_a_resource_alone_tells_name_and_domain_of_its_model() -> None:
    found = described(
        [
            resource("b", domain="nlp", name="two_words"),
            resource("a", domain="vision"),
            resource("off", domain="vision", loaded=False),
            resource("odd", domain="astrology"),
        ]
    )
    assert [(model.name, model.domain) for model in found] == [("a", "vision"), ("two_words", "nlp")]
