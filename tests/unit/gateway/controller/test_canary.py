# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Versions that do worse than the ones that they are to replace lose their share of the calls."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest
from argosy_gateway.controller import canary
from argosy_gateway.controller.api import WriteFailed
from argosy_gateway.controller.trials import Trials
from argosy_gateway.controller.usage import Usage
from argosy_gateway.model_resource import ModelResourceError, WantedModel, parse

from tests.unit.gateway.controller.resources import resource

RULE = {"maxErrorPercent": 1, "maxLatencyFactor": 2, "minRequests": 100}


def tried(**more: Any) -> dict[str, Any]:
    """A resource whose version 2 has a tenth of the calls."""
    spec: dict[str, Any] = {
        "labels": {"stable": 1, "canary": 2},
        "traffic": {"split": {"stable": 90, "canary": 10}},
        "canary": RULE,
    }
    return resource(**{**spec, **more})


def metrics(**versions: tuple[int, int, int]) -> str:
    """What a worker has counted of versions named v1, v2: calls within 10 ms, within 100 ms, and those that failed."""
    lines = ["# TYPE argosy_request_seconds histogram"]
    for name, (quick, slow, _) in versions.items():
        for bound, count in (("0.01", quick), ("0.1", quick + slow), ("+Inf", quick + slow)):
            labels = f'model="digits",version="{name[1:]}",method="a",le="{bound}"'
            lines.append(f"argosy_request_seconds_bucket{{{labels}}} {count}")
    lines.append("# TYPE argosy_requests counter")
    for name, (_, _, failed) in versions.items():
        for code, count in (("INTERNAL", failed), ("INVALID_ARGUMENT", 1000), ("DEADLINE_EXCEEDED", 1000)):
            lines.append(f'argosy_requests_total{{model="digits",version="{name[1:]}",code="{code}"}} {count}')
    return "\n".join(lines)


class Server:
    """Takes what is changed of a resource, as a merge patch."""

    def __init__(self, held: dict[str, Any]) -> None:
        self.held = held
        self.changes = 0
        self.refuses: tuple[str, ...] = ()
        self.events: list[tuple[str, str]] = []
        self.usage = Usage(60.0)
        self._trials = Trials(self.usage, self)
        self.usage.take({"a": metrics(v1=(0, 0, 0), v2=(0, 0, 0))}, 0.0)

    def write_status(self, resource: Mapping[str, Any], status: Mapping[str, Any]) -> Mapping[str, Any]:
        raise AssertionError

    def change(self, resource: Mapping[str, Any], patch: Mapping[str, Any]) -> None:
        if "change" in self.refuses:
            raise WriteFailed("away")
        self.changes += 1
        split = {**self.held["spec"]["traffic"]["split"], **patch["spec"]["traffic"]["split"]}
        self.held["spec"]["traffic"] = {"split": {name: share for name, share in split.items() if share is not None}}
        self.held["metadata"].update(patch["metadata"])

    def tell(self, resource: Mapping[str, Any], reason: str, message: str, *, warning: bool) -> None:
        assert warning
        if "tell" in self.refuses:
            raise WriteFailed("away")
        self.events.append((reason, message))

    def look(self, now: float, known: WantedModel | None = None) -> None:
        """One look at all trials; the resource wants what is known of it, or what it says."""
        model = known or parse(self.held)
        asyncio.run(self._trials.end_bad_ones({"digits": self.held}, {"digits": model}, now))

    def after(self, now: float, **versions: tuple[int, int, int]) -> None:
        """Looks once, lets workers count these calls, and looks again."""
        self.look(now - 1.0)
        self.usage.take({"a": metrics(v1=(0, 0, 0), v2=(0, 0, 0))}, now - 0.5)
        self.usage.take({"a": metrics(**versions)}, now)
        self.look(now)

    @property
    def split(self) -> dict[str, float]:
        """The shares now."""
        return dict(self.held["spec"]["traffic"]["split"])


@pytest.mark.parametrize(
    ("stable", "on_trial", "reason"),
    [
        ((1000, 0, 0), (100, 0, 2), "2 % of 100 calls failed, 0 % of those of 'stable'"),
        ((1000, 0, 0), (0, 100, 0), "at most 2 times as long"),
    ],
)
def test_a_canary_that_fails_more_or_is_slower_loses_its_share(
    stable: tuple[int, int, int], on_trial: tuple[int, int, int], reason: str
) -> None:
    server = Server(tried())
    server.after(10.0, v1=stable, v2=on_trial)
    assert server.split == {"stable": 100}
    ((kind, message),) = server.events
    assert (kind, reason in message) == ("RolledBack", True)
    (condition,) = canary.condition(server.held, parse(server.held))
    assert (condition.type, condition.status, condition.message) == ("RolledBack", "True", message)


@pytest.mark.parametrize(
    ("labels", "split", "left"),
    [
        ({}, {"stable": 90, "2": 10}, {"stable": 100}),
        ({"next": 2}, {"stable": 80, "canary": 9.5, "2": 0.5, "next": 10}, {"stable": 100}),
        ({}, {"1": 60, "canary": 10, "3": 30}, {"1": 60, "stable": 10, "3": 30}),
    ],
)
def test_a_canary_loses_its_share_by_whatever_name_it_has_it(
    labels: dict[str, int], split: dict[str, float], left: dict[str, float]
) -> None:
    server = Server(tried(labels={"stable": 1, "canary": 2, **labels}, traffic={"split": split}))
    server.after(10.0, v1=(1000, 0, 0), v2=(100, 0, 100))
    assert server.split == left
    parse(server.held)


def test_shares_that_are_added_up_keep_within_100() -> None:
    split = {"stable": 29.31, "canary": 0.01, "2": 70.68}
    assert split["stable"] + (split["canary"] + split["2"]) > 100
    server = Server(tried(traffic={"split": split}))
    server.after(10.0, v1=(1000, 0, 0), v2=(100, 0, 100))
    assert server.split == {"stable": 100}


def test_a_version_that_has_become_the_stable_one_is_not_on_trial() -> None:
    held = tried(labels={"stable": 2, "canary": 2}, traffic={"split": {"stable": 100}})
    (condition,) = canary.condition(held, parse(held))
    assert (condition.status, condition.reason) == ("False", "NoCanary")


@pytest.mark.parametrize(
    ("stable", "on_trial"),
    [
        ((1000, 0, 0), (100, 0, 1)),  # within what is allowed
        ((1000, 0, 100), (100, 0, 10)),  # no worse than the stable version
        ((0, 1000, 0), (0, 100, 0)),
        ((1000, 0, 0), (0, 99, 99)),  # too few calls
        ((99, 0, 0), (0, 100, 0)),  # too few to compare with
    ],
)
def test_a_canary_that_does_as_it_may_keeps_its_share(
    stable: tuple[int, int, int], on_trial: tuple[int, int, int]
) -> None:
    server = Server(tried())
    server.after(10.0, v1=stable, v2=on_trial)
    assert server.split == {"stable": 90, "canary": 10}
    (condition,) = canary.condition(server.held, parse(server.held))
    assert (condition.status, condition.reason) == ("False", "OnTrial")


def test_calls_from_before_a_trial_do_not_count() -> None:
    server = Server(tried())
    server.usage.take({"a": metrics(v1=(1000, 0, 0), v2=(0, 0, 0))}, 1.0)
    server.usage.take({"a": metrics(v1=(2000, 0, 0), v2=(100, 0, 100))}, 5.0)
    server.look(6.0)
    server.usage.take({"a": metrics(v1=(3000, 0, 0), v2=(200, 0, 100))}, 10.0)
    server.look(10.0)
    assert server.changes == 0


def test_the_same_versions_that_are_put_back_are_taken_out_at_once_and_others_are_tried() -> None:
    server = Server(tried())
    server.after(10.0, v1=(1000, 0, 0), v2=(100, 0, 100))
    server.held["spec"]["traffic"] = {"split": {"stable": 90, "canary": 10}}
    server.look(11.0)
    assert (server.split, server.changes) == ({"stable": 100}, 2)
    server.held["spec"]["traffic"] = {"split": {"stable": 90, "canary": 10}}
    server.held["spec"]["labels"] = {"stable": 1, "canary": 3}
    server.look(12.0)
    assert server.split == {"stable": 90, "canary": 10}


@pytest.mark.parametrize(
    ("refuses", "said"),
    [
        ((), ["canary taken out"]),
        (("change", "tell"), ["canary not taken out"]),
        (("tell",), ["canary taken out", "event not written"]),
    ],
)
def test_the_log_says_what_was_done(
    caplog: pytest.LogCaptureFixture, refuses: tuple[str, ...], said: list[str]
) -> None:
    server = Server(tried())
    server.refuses = refuses
    server.after(10.0, v1=(1000, 0, 0), v2=(100, 0, 100))
    assert caplog.messages == said
    assert (server.split == {"stable": 100}) == (said[0] == "canary taken out")


def test_a_resource_that_cannot_be_used_any_more_is_left_alone() -> None:
    server = Server(tried())
    model = parse(server.held)
    server.after(10.0, v1=(1000, 0, 0), v2=(100, 0, 0))
    server.usage.take({"a": metrics(v1=(2000, 0, 0), v2=(100, 0, 100))}, 11.0)
    server.held["metadata"]["generation"] += 1
    server.held["spec"]["traffic"] = {"weights": {}}
    server.look(12.0, model)
    assert server.changes == 0


def test_a_rule_for_labels_that_are_not_there_is_refused() -> None:
    with pytest.raises(ModelResourceError, match=r"spec\.canary names the label 'canary'"):
        parse(tried(labels={"stable": 1}, traffic={"split": {"stable": 100}}))


def test_an_annotation_that_somebody_broke_is_no_annotation() -> None:
    held = tried()
    held["metadata"]["annotations"] = {canary.ANNOTATION: json.dumps(["?"])}
    assert canary.failed_before(held, parse(held)) is None
    held["spec"]["traffic"] = {}
    (condition,) = canary.condition(held, parse(held))
    assert (condition.status, condition.reason) == ("False", "NoCanary")
