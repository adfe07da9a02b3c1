# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Which workers have a model, and what each is told."""

import pytest
from argosy_gateway.controller import desire
from argosy_gateway.controller.placement import Place, place, place_all
from argosy_gateway.fleet import WorkerView

from tests.unit.gateway.controller.resources import copied, places, wanted
from tests.unit.gateway.fleets import worker

FREE = [worker("vision", port) for port in (1, 2, 3)]


def address(port: int) -> str:
    return f"127.0.0.1:{port}"


def test_every_worker_of_the_domain_has_a_model_that_says_nothing() -> None:
    others = [worker("nlp", 9), worker("vision", 8, status="DRAINING")]
    assert place(wanted(), places(*FREE, *others)).chosen == (address(1), address(2), address(3))


def test_a_pool_takes_no_others() -> None:
    found = [*places(*FREE[:1], pool="worker-vision"), *places(*FREE[1:], pool="worker-vision-gpu")]
    assert place(wanted(placement={"pool": "worker-vision-gpu"}), found).chosen == (address(2), address(3))
    assert place(wanted(placement={"pool": "none"}), found).chosen == ()


def test_models_with_a_limit_are_spread_and_stay_where_they_are() -> None:
    chosen = [place(wanted(f"m{number}", placement={"maxCopies": 1}), places(*FREE)).chosen for number in range(30)]
    assert {port for each in chosen for port in each} == {address(1), address(2), address(3)}
    for port in (1, 2, 3):
        model = wanted(placement={"maxCopies": 1})
        workers = [worker("vision", each, *([copied(model)] if each == port else [])) for each in (1, 2, 3)]
        assert place(model, places(*workers)).chosen == (address(port),)


def test_a_worker_that_cannot_be_reached_is_replaced() -> None:
    model = wanted(placement={"maxCopies": 1})
    lost = worker("vision", 1, copied(model), status="UNREACHABLE")
    assert place(model, places(lost, *FREE[1:])).chosen[0] != address(1)


def test_a_copy_that_is_to_go_stays_until_those_that_are_chosen_answer() -> None:
    model = wanted(placement={"pool": "new"})
    old = Place(worker("vision", 1, copied(model)), "old")
    found = place(model, [old, Place(worker("vision", 2), "new")])
    assert (found.chosen, found.kept) == ((address(2),), {address(1)})
    found = place(model, [old, Place(worker("vision", 2, copied(model)), "new")])
    assert (found.chosen, found.kept) == ((address(2),), frozenset())


def test_a_worker_that_leaves_keeps_what_it_has() -> None:
    model = wanted()
    leaving = worker("vision", 1, copied(model), status="DRAINING")
    found = place(model, places(leaving, worker("vision", 2, copied(model))))
    assert (found.chosen, found.kept) == ((address(2),), {address(1)})


def told(view: WorkerView, *names: str, **spec: object) -> dict[str, bool]:
    """Models of which a worker is told, and whether each is to be out of service."""
    models = {name: wanted(name, **spec) for name in names}
    message = desire.request(7, view, models, place_all(models, places(*FREE, worker("nlp", 9))))
    assert message.epoch == 7
    assert message.all_sources
    return {model.name: model.unloaded for model in message.models}


def test_a_worker_is_told_of_the_models_of_its_domain_with_their_sources() -> None:
    assert told(FREE[0], "a", "b") == {"a": False, "b": False}
    assert told(worker("nlp", 9), "a") == {}
    models = {"a": wanted("a", labels={"stable": 2})}
    (message,) = desire.request(1, FREE[0], models, place_all(models, places(*FREE))).models
    assert message.source == models["a"].source
    assert dict(message.version_labels) == {"stable": 2}


@pytest.mark.parametrize(
    ("view", "removes"),
    [
        (worker("vision", 1), True),
        (worker("vision", 1, copied(wanted("other"))), True),
        (worker("vision", 1, copied(wanted("odd"))), False),
        (worker("vision", 1, status="CONNECTING"), False),
        (worker("vision", 1, status="UNREACHABLE"), False),
    ],
)
def test_a_worker_that_may_have_a_model_of_which_nothing_is_known_removes_none(view: WorkerView, removes: bool) -> None:
    assert desire.request(1, view, {}, {}, frozenset({"odd"})).all_sources == removes


def test_a_model_that_is_out_of_service_or_going_is_unloaded_and_not_forgotten() -> None:
    assert told(FREE[0], "a", loaded=False) == {"a": True}
    assert told(FREE[0], "a", deleting=True) == {"a": True}
