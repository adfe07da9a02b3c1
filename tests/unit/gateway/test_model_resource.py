# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What Model resources want."""

from typing import Any

import pytest
from argosy.fleet.v1.worker_pb2 import GoldenSample
from argosy_gateway.model_resource import ModelResourceError, Placement, by_name, parse
from argosy_gateway.traffic import Share, Traffic

from tests.unit.gateway.controller.resources import resource, wanted


def test_a_resource_that_says_little_wants_all_workers_and_the_models_own_settings() -> None:
    model = parse(resource())
    assert (model.name, model.domain, model.generation, model.served) == ("digits", "vision", 3, True)
    assert (model.placement, model.traffic, dict(model.labels)) == (Placement(), Traffic(), {})
    assert model.source.uri == "pvc://demo/digits"
    assert not model.source.settings.ByteSize()


def test_a_resource_that_says_everything() -> None:
    model = wanted(
        "two-tower",
        name="two_tower",
        labels={"stable": 1, "canary": 2},
        traffic={"split": {"stable": 90, "canary": 10}, "mirror": {"canary": 5}},
        versionPolicy={"listed": [1, 2]},
        batching={"maxBatchSize": 0, "maxDelayMs": 1.5},
        limits={"maxItems": 5, "maxQueue": 6, "gpuMemoryMb": 7},
        placement={"pool": "worker-vision-gpu", "minCopies": 2, "maxCopies": 3},
        golden=[{"file": "golden.json", "tolerance": 0.5}, {"file": "b.json", "versions": [2]}],
        loaded=False,
    )
    assert (model.name, model.resource, model.served) == ("two_tower", "two-tower", False)
    assert model.traffic == Traffic((Share(2, 1000), Share(1, 9000)), (Share(2, 500),))
    assert model.shares == "stable 90, canary 10; copies: canary 5"
    assert model.placement == Placement("worker-vision-gpu", 2, 3)
    settings = model.source.settings
    assert list(settings.version_policy.listed.versions) == [1, 2]
    assert (settings.max_batch_size, settings.HasField("max_batch_size"), settings.max_delay_ms) == (0, True, 1.5)
    assert (settings.max_items, settings.max_queue, settings.gpu_memory_mb) == (5, 6, 7)
    assert list(settings.golden) == [
        GoldenSample(file="golden.json", tolerance=0.5),
        GoldenSample(file="b.json", versions=[2]),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"source": {"uri": "pvc://demo/other"}},
        {"source": {"uri": "pvc://demo/digits", "sha256": "0" * 64}},
        {"batching": {"maxBatchSize": 4}},
        {"versionPolicy": {"all": True}},
        {"golden": [{"file": "a.json"}]},
    ],
)
def test_whatever_changes_a_workers_files_is_another_revision(change: dict[str, Any]) -> None:
    assert wanted(**change).source.revision != wanted().source.revision


def test_labels_shares_and_places_are_the_same_revision() -> None:
    other = wanted(labels={"stable": 1}, traffic={"split": {"stable": 100}}, placement={"maxCopies": 1}, loaded=False)
    assert other.source.revision == wanted().source.revision


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"labels": {"1": 1}}, r"spec\.labels"),
        ({"traffic": {"split": {"stable": 100}}}, "the label 'stable'"),
        ({"traffic": {"split": {"1": 60}}}, r"spec\.traffic\.split: the percentages must sum to 100"),
        ({"source": {}}, "cannot be used: KeyError: 'uri'"),
        ({"domain": None}, "cannot be used: KeyError: 'domain'"),
    ],
)
def test_what_an_older_schema_may_have_let_through_is_refused(spec: dict[str, Any], reason: str) -> None:
    found = resource(**spec)
    found["spec"] = {key: value for key, value in found["spec"].items() if value is not None}
    with pytest.raises(ModelResourceError, match=reason):
        parse(found)


def test_of_two_resources_with_one_name_the_older_counts() -> None:
    old, new = resource("b", "2026-01-01T00:00:00Z", name="digits"), resource("digits", "2026-01-02T00:00:00Z")
    assert by_name([parse(new), parse(old)])["digits"].resource == "b"


def test_a_resource_that_is_being_deleted_is_not_served() -> None:
    assert not parse(resource(deleting=True)).served
