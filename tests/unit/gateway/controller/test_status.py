# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the status of a Model says."""

from typing import Any

import pytest
from argosy.fleet.v1 import model_pb2
from argosy_gateway.controller import status
from argosy_gateway.controller.copies import copy_of
from argosy_gateway.controller.lead import drained
from argosy_gateway.controller.status import Condition, Figures
from argosy_gateway.model_resource import WantedModel

from tests.unit.gateway.controller.resources import copied, wanted
from tests.unit.gateway.fleets import worker


def conditions(
    model: WantedModel, *copies: model_pb2.WorkerModel | None, state: str = "SERVING"
) -> dict[str, Condition]:
    """Conditions of a model with these copies, each on a worker of its own; None is a worker without one."""
    workers = [
        worker("vision", port, *([copy] if copy is not None else []), status=state) for port, copy in enumerate(copies)
    ]
    found = status.conditions(model, [copy_of(model, each) for each in workers])
    return {each.type: each for each in found}


def test_a_model_that_answers_everywhere_is_ready() -> None:
    model = wanted()
    found = conditions(model, copied(model), copied(model, "EVICTED"))
    assert {kind: each.status for kind, each in found.items()} == {
        "Ready": "True", "Pulled": "True", "Progressing": "False", "Degraded": "False"
    }  # fmt: skip
    assert found["Ready"].message == "2 of 2 copies answer"


def test_one_copy_is_enough_unless_more_are_wanted() -> None:
    assert conditions(model := wanted(), copied(model), None)["Ready"].status == "True"
    model = wanted(placement={"minCopies": 2})
    assert conditions(model, copied(model), None)["Ready"].status == "False"
    found = conditions(model, copied(model))["Ready"]
    assert (found.reason, found.message) == (
        "TooFewWorkers",
        "1 copies answer, 2 are wanted, and there are no more workers",
    )


@pytest.mark.parametrize(
    ("copy", "reason", "message"),
    [
        ({"pull": "FAILED", "reason": "its sha256 is 1, wanted 2"}, "PullFailed", "r0: its sha256 is 1, wanted 2"),
        ({"state": "FAILED", "reason": "model.onnx is corrupt"}, "LoadFailed", "r0: version 1: model.onnx is corrupt"),
        ({"state": "LOADING"}, "Progressing", "0 of 1 copies answer"),
        ({"pull": "PULLING", "done_bytes": 12_000_000, "total_bytes": 340_000_000}, "Progressing", "r0: 12 of 340 MB"),
        ({"revision": "older"}, "Progressing", "r0: the worker has not taken it up yet"),
        ({"versions": {}}, "LoadFailed", "r0: it has no version"),
    ],
)
def test_a_model_that_is_not_ready_says_why(copy: dict[str, Any], reason: str, message: str) -> None:
    model = wanted()
    held = copied(model, **copy)
    if copy.get("versions") == {}:
        del held.versions[:]
    found = conditions(model, held)["Ready"]
    assert (found.status, found.reason, found.message) == ("False", reason, message)


def test_what_went_wrong_says_more_than_what_is_on_its_way() -> None:
    model = wanted()
    found = conditions(model, copied(model, pull="PULLING"), copied(model, pull="FAILED", reason="no such file"))
    assert found["Ready"].reason == "PullFailed"
    assert found["Progressing"].status == "True"
    assert found["Degraded"].status == "True"


def test_workers_with_one_reason_are_named_together() -> None:
    model = wanted()
    bad = copied(model, pull="FAILED", reason="no such file")
    assert conditions(model, bad, bad)["Ready"].message == "r0, r1: no such file"


def test_without_a_worker_of_the_domain_a_model_is_not_ready() -> None:
    found = conditions(wanted(placement={"pool": "gpu"}))["Ready"]
    assert (found.reason, found.message) == ("NoWorkers", "there is no worker of domain 'vision' in pool 'gpu'")


def test_a_version_that_fails_beside_one_that_answers_degrades() -> None:
    model = wanted()
    found = conditions(model, copied(model, versions={2: "FAILED", 1: "READY"}, reason="corrupt"))
    assert (found["Ready"].status, found["Degraded"].status) == ("True", "True")
    assert (found["Degraded"].reason, "version 2: corrupt" in found["Degraded"].message) == ("VersionFailed", True)


def test_a_label_that_points_to_a_version_that_does_not_answer_is_not_ready() -> None:
    model = wanted(labels={"stable": 1, "canary": 2})
    found = conditions(model, copied(model))["Ready"]
    assert (found.status, "canary (2): no such version" in found.message) == ("False", True)


@pytest.mark.parametrize("state", ["UNREACHABLE", "DRAINING", "CONNECTING"])
def test_a_worker_that_is_away_has_no_ready_copy(state: str) -> None:
    model = wanted()
    assert conditions(model, copied(model), state=state)["Ready"].status == "False"


def test_a_model_out_of_service_says_so() -> None:
    model = wanted(loaded=False)
    assert conditions(model, copied(model, "UNLOADED"))["Ready"].reason == "Unloaded"
    model = wanted(deleting=True)
    assert conditions(model, copied(model, "DRAINING"))["Ready"].reason == "Deleting"


def test_the_rest_of_the_status_is_what_columns_show() -> None:
    model = wanted(labels={"stable": 1, "canary": 2}, traffic={"split": {"stable": 90, "canary": 10}})
    ready = copy_of(model, worker("vision", 2, copied(model, versions={2: "READY", 1: "READY"})))
    missing = copy_of(model, worker("vision", 1))
    body = status.body(model, [ready, missing], [], Figures(12.34, 0.0456, "canary (2): far"), 5)
    assert body == {
        "observedGeneration": 3,
        "epoch": 5,
        "copies": "1/2",
        "readyCopies": 1,
        "wantedCopies": 2,
        "version": "2,1",
        "traffic": "stable 90, canary 10",
        "requestsPerSecond": "12.3",
        "p99": "45.6 ms",
        "disagreement": "canary (2): far",
        "workers": [
            {
                "address": "127.0.0.1:1",
                "replica": "r1",
                "state": "Pending",
                "reason": "the worker has not taken it up yet",
            },
            {"address": "127.0.0.1:2", "replica": "r2", "state": "Ready", "version": "2,1"},
        ],
    }


def test_the_time_of_a_condition_is_that_of_its_last_change_of_status() -> None:
    old = [
        {"type": "Ready", "status": "True", "lastTransitionTime": "then"},
        {"type": "Degraded", "status": "True", "lastTransitionTime": "then"},
    ]
    new = (Condition("Ready", "True", "Ready"), Condition("Degraded", "False", "Sound"))
    assert [each["lastTransitionTime"] for each in status.merged(old, new, 1, "now")] == ["then", "now"]


@pytest.mark.parametrize(
    ("state", "there", "expected"),
    [
        ("READY", "SERVING", False),
        ("LOADING", "SERVING", False),
        ("DRAINING", "SERVING", False),
        ("UNLOADED", "SERVING", True),
        ("FAILED", "SERVING", True),
        ("READY", "UNREACHABLE", True),
    ],
)
def test_a_model_may_go_once_no_worker_answers_with_it(state: str, there: str, expected: bool) -> None:
    model = wanted()
    view = worker("vision", 1, copied(model, state), status=there)
    assert drained(model.name, {view.address: view, "free": worker("vision", 2)}) is expected
