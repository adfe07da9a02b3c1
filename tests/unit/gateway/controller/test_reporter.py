# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""When the status of a Model is written, and what is told of it."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from argosy.fleet.v1 import model_pb2
from argosy_gateway.controller.api import Outdated
from argosy_gateway.controller.placement import place_all
from argosy_gateway.controller.reporter import Pace, Reporter
from argosy_gateway.controller.status import Figures
from argosy_gateway.fleet import WorkerView
from argosy_gateway.model_resource import WantedModel, by_name, parse

from tests.unit.gateway.controller.resources import copied, places, resource
from tests.unit.gateway.fleets import worker


class Server:
    """Holds resources, and what was told of them."""

    def __init__(self, *resources: dict[str, Any]) -> None:
        self.resources = {each["metadata"]["name"]: each for each in resources}
        self.writes: list[Mapping[str, Any]] = []
        self.events: list[tuple[str, str, bool]] = []
        self.figures = Figures()
        self.outdated = False
        self._reporter = Reporter(self, 4, 30.0, lambda _model: self.figures)

    def write_status(self, resource: Mapping[str, Any], status: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.outdated:
            raise Outdated
        self.writes.append(status)
        held = self.resources[resource["metadata"]["name"]]
        version = str(int(held["metadata"]["resourceVersion"]) + 1)
        merged = {key: value for key, value in {**held.get("status", {}), **status}.items() if value is not None}
        written = {**held, "metadata": {**held["metadata"], "resourceVersion": version}, "status": merged}
        self.resources[resource["metadata"]["name"]] = written
        return written

    def tell(self, resource: Mapping[str, Any], reason: str, message: str, *, warning: bool) -> None:
        self.events.append((reason, message, warning))

    def report(self, *workers: WorkerView) -> None:
        """One look, with these workers."""
        models: dict[str, WantedModel] = by_name(
            parse(each) for each in self.resources.values() if "domain" in each["spec"]
        )
        views = {each.address: each for each in workers}
        placed = place_all(models, places(*workers))
        asyncio.run(self._reporter.report(self.resources, models, placed, views))


def ready(**more: Any) -> model_pb2.WorkerModel:
    return copied(parse(resource()), **more)


def test_a_status_is_written_when_it_changes_and_not_otherwise() -> None:
    server = Server(resource())
    server.report(worker("vision", 1))
    server.report(worker("vision", 1))
    assert [each["copies"] for each in server.writes] == ["0/1"]
    server.report(worker("vision", 1, ready()))
    server.report(worker("vision", 1, ready()))
    assert [each["copies"] for each in server.writes] == ["0/1", "1/1"]
    assert server.writes[-1]["epoch"] == 4


def test_figures_alone_wait_for_the_next_report() -> None:
    server = Server(resource())
    for rate in (1.0, 2.0, 3.0):
        server.figures = Figures(rate, 0.1)
        server.report(worker("vision", 1, ready()))
    assert [each["requestsPerSecond"] for each in server.writes] == ["1"]


def test_a_model_that_comes_and_goes_is_not_written_without_end() -> None:
    server = Server(resource())
    for _ in range(10):
        server.report(worker("vision", 1, ready()))
        server.report(worker("vision", 1, ready(state="FAILED", reason="broken")))
    assert len(server.writes) == 4


def test_a_pace_allows_the_next_report_after_its_interval() -> None:
    pace = Pace(30.0)
    assert pace.allows(0.0, urgent=False)
    pace.wrote(0.0)
    assert not pace.allows(29.0, urgent=False)
    assert pace.allows(29.0, urgent=True)
    assert pace.allows(30.0, urgent=False)


def test_events_tell_of_a_model_that_becomes_ready_and_that_fails() -> None:
    server = Server(resource())
    server.report(worker("vision", 1, ready(pull="PULLING")))
    server.report(worker("vision", 1, ready()))
    server.report(worker("vision", 1, ready(state="FAILED", reason="broken")))
    assert server.events == [
        ("Progressing", "0 of 1 copies answer", False),
        ("Ready", "1 of 1 copies answer", False),
        ("LoadFailed", "r1: version 1: broken", True),
    ]


def test_a_resource_that_counts_for_nothing_says_why() -> None:
    unusable = resource("unusable")
    del unusable["spec"]["domain"]
    server = Server(resource("first", "2026-01-01T00:00:00Z", name="digits"), resource(), unusable)
    server.report(worker("vision", 1))
    shown = {
        name: next(each for each in held["status"]["conditions"] if each["type"] == "Ready")
        for name, held in server.resources.items()
    }
    assert (shown["digits"]["reason"], shown["digits"]["message"]) == (
        "NameTaken",
        "Model 'first' has the name 'digits' already",
    )
    assert shown["unusable"]["reason"] == "Invalid"


@pytest.mark.parametrize("reason", ["Invalid", "NameTaken"])
def test_a_resource_that_counts_for_nothing_any_more_keeps_no_figures(reason: str) -> None:
    server = Server(resource())
    server.report(worker("vision", 1, ready()))
    assert server.resources["digits"]["status"]["copies"] == "1/1"
    if reason == "Invalid":
        del server.resources["digits"]["spec"]["domain"]
    else:
        server.resources["first"] = resource("first", "2026-01-01T00:00:00Z", name="digits")
    for _ in range(3):
        server.report(worker("vision", 1, ready()))
    found = server.resources["digits"]["status"]
    assert found.keys() == {"observedGeneration", "epoch", "conditions"}
    assert [each["reason"] for each in found["conditions"]] == [reason]
    written = [each for each in server.writes if reason in str(each)]
    assert len(written) == 1, "what is gone is not removed again and again"


def test_a_resource_that_has_changed_meanwhile_is_left_to_who_knows_it() -> None:
    server = Server(resource())
    server.outdated = True
    server.report(worker("vision", 1, ready()))
    assert (server.writes, server.events) == ([], [])
