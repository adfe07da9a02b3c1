# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from typing import Any

from argosy_gateway.discovery.kubernetes.models import Reading, described
from argosy_gateway.model_resource import WantedModel
from argosy_gateway.traffic import Share, Traffic

from tests.unit.gateway.controller.resources import resource, wanted

BROKEN = {"traffic": {"split": {"stable": 100}}}


def read(*resources: dict[str, Any]) -> dict[str, WantedModel]:
    return dict(Reading().read(resources).wanted)


def test_labels_traffic_and_loaded_are_taken_from_a_resource_as_from_the_fleet_document() -> None:
    traffic = {"split": {"stable": 90, "2": 10.0}, "mirror": {"canary": 5}}
    entry = read(resource(labels={"stable": 1, "canary": 2}, traffic=traffic))["digits"].entry
    assert (entry.labels, entry.loaded) == ({"stable": 1, "canary": 2}, True)
    assert entry.traffic.resolved(entry.labels) == Traffic((Share(2, 1000), Share(1, 9000)), (Share(2, 500),))
    assert not read(resource("off", loaded=False))["off"].entry.loaded


def test_a_resource_may_name_its_model_and_of_two_for_one_the_older_counts() -> None:
    newer = resource("a", "2026-02-01T00:00:00Z", name="two_words", labels={"stable": 2})
    older = resource("b", "2026-01-01T00:00:00Z", name="two_words", labels={"stable": 1})
    for order in ([newer, older], [older, newer]):
        assert {name: model.labels for name, model in read(*order).items()} == {"two_words": {"stable": 1}}


def test_an_unusable_resource_is_named_and_left_out_alone() -> None:
    no_labels = {"label": "canary", "maxErrorPercent": 1}
    found = Reading().read([resource("a", **BROKEN), resource("b", canary=no_labels, name="c"), resource("good")])
    assert set(found.wanted) == {"good"}
    assert found.unknown == {"a", "c"}
    assert "'stable'" in found.problems["a"]
    assert "'canary'" in found.problems["b"]
    for spec in (None, "text", []):
        assert Reading().read([{**resource("odd"), "spec": spec}]).unknown == {"odd"}


def test_a_resource_that_cannot_be_used_any_more_counts_as_it_last_could() -> None:
    reading = Reading()
    good = reading.read([resource(labels={"stable": 1})]).wanted
    for _ in range(2):
        found = reading.read([resource(**BROKEN)])
        assert (found.wanted, found.unknown, set(found.problems)) == (good, frozenset(), {"digits"})
    assert not reading.read([resource(deleting=True, **BROKEN)]).wanted["digits"].served
    assert reading.read([]).wanted == {}
    assert reading.read([resource(**BROKEN)]).unknown == {"digits"}


def test_a_resource_alone_tells_name_and_domain_of_its_model() -> None:
    found = described(
        [
            wanted("b", domain="nlp", name="two_words"),
            wanted("a"),
            wanted("off", loaded=False),
            wanted("odd", domain="astrology"),
        ]
    )
    assert [(model.name, model.domain) for model in found] == [("a", "vision"), ("two_words", "nlp")]
