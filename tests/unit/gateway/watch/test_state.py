# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import pytest
from argosy.fleet.v1 import fleet_pb2, worker_pb2
from argosy_gateway.fleet import WorkerView
from argosy_gateway.watch.state import WorkerProblem, apply, unreachable

from tests.unit.gateway.fleets import model

NEW = WorkerView(domain="vision", address="127.0.0.1:1")


def snapshot(*names: str, domain: str = "vision", draining: bool = False) -> worker_pb2.WatchStateResponse:
    state = worker_pb2.WorkerState(
        replica="r", domain=domain, draining=draining, models=[model(name) for name in names], software_version="1"
    )
    return worker_pb2.WatchStateResponse(generation=1, snapshot=state)


def test_a_snapshot_replaces_everything() -> None:
    view = apply(apply(NEW, snapshot("a", "b")), snapshot("b", "c"))
    assert (view.status, view.replica, sorted(view.models)) == (fleet_pb2.WORKER_STATUS_SERVING, "r", ["b", "c"])
    assert not NEW.loaded
    assert view.loaded


def test_changes_are_applied_one_by_one_without_touching_earlier_views() -> None:
    first = apply(NEW, snapshot("a"))
    second = apply(first, worker_pb2.WatchStateResponse(model_changed=model("b")))
    third = apply(second, worker_pb2.WatchStateResponse(model_removed="a"))
    assert [sorted(view.models) for view in (first, second, third)] == [["a"], ["a", "b"], ["b"]]


def test_a_worker_that_leaves_may_come_back() -> None:
    leaving = apply(apply(NEW, snapshot("a")), worker_pb2.WatchStateResponse(draining=True))
    assert (leaving.status, leaving.ready_models) == (fleet_pb2.WORKER_STATUS_DRAINING, ())
    assert apply(leaving, snapshot("a")).ready_models == ("a",)


def test_what_an_unreachable_worker_held_stays_known() -> None:
    lost = unreachable(apply(NEW, snapshot("a")))
    assert (lost.status, list(lost.models), lost.ready_models) == (fleet_pb2.WORKER_STATUS_UNREACHABLE, ["a"], ())


def test_a_worker_of_another_domain_is_refused() -> None:
    with pytest.raises(WorkerProblem, match=r"'nlp'.*'vision'"):
        apply(NEW, snapshot("a", domain="nlp"))


@pytest.mark.parametrize("name", ["", "a/b", "a b", "\u00fc", "a" * 129, "-a"])
def test_models_with_names_that_no_header_can_carry_are_ignored(name: str) -> None:
    assert sorted(apply(NEW, snapshot("a", name)).models) == ["a"]


def test_an_update_that_is_not_known_yet_changes_nothing() -> None:
    view = apply(NEW, snapshot("a"))
    assert apply(view, worker_pb2.WatchStateResponse(generation=9)) == view
