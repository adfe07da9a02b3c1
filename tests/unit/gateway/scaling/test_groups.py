# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What is wanted of groups of workers whose reports come, and do not."""

import pytest
from argosy_gateway.scaling.groups import FORGET_S, MOST_GROUPS, Group, TooManyGroups
from argosy_gateway.scaling.policy import Settings

from tests.unit.gateway.fleets import model, worker
from tests.unit.gateway.scaling.stage import Stage

VISION = Group("vision")


def wanted(stage: Stage, group: Group = VISION) -> int:
    return stage.scaling._groups.wanted(group, Settings())


@pytest.mark.parametrize("status", ["SERVING", "UNREACHABLE"])
def test_a_fleet_that_does_not_tell_what_it_has_to_do_loses_no_worker(status: str) -> None:
    stage = Stage()
    stage.put(*(worker("vision", port, model("digits"), status=status) for port in range(1, 5)))
    for _ in range(1000):
        stage.pass_time(1, silent=stage.fleet.value.workers)
        assert wanted(stage) == 4


def test_one_worker_that_is_silent_keeps_all_and_the_fleet_falls_idle_once_it_is_heard_again() -> None:
    stage = Stage()
    one, other = (worker("vision", port, model("digits")) for port in (1, 2))
    stage.put(one, other)
    stage.pass_time(400, demand=0.0)
    assert wanted(stage) == 0, "nobody calls"
    stage.pass_time(400, demand=0.0, silent=[other])
    assert wanted(stage) == 2, "nobody calls the one, and of the other nobody knows"
    stage.pass_time(400, demand=0.0)
    assert wanted(stage) == 0


def test_a_worker_that_never_answered_keeps_nobody() -> None:
    stage = Stage()
    stage.put(worker("vision", 1, model("digits")), worker("vision", 2, model("digits", "FAILED")))
    stage.pass_time(400, demand=0.0)
    assert wanted(stage) == 0


def test_groups_of_made_up_models_are_few_and_forgotten_when_nobody_asks_any_more() -> None:
    stage = Stage()
    with pytest.raises(TooManyGroups):
        for number in range(MOST_GROUPS + 1):
            wanted(stage, Group("vision", frozenset({f"m{number}"})))
    assert wanted(stage) == 0, "those that are known are answered"
    stage.now += FORGET_S + 1
    stage.scaling._groups.measure()
    assert wanted(stage, Group("vision", frozenset({"another"}))) == 0
    made_up = [group for group in stage.scaling._groups._records if group.models]
    assert made_up == [Group("vision", frozenset({"another"}))]
