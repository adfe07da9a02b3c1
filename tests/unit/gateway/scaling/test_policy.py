# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable

import pytest
from argosy_gateway.scaling.policy import History, Sample, Settings

SETTINGS = Settings(start_s=30, utilization=0.8, down_s=60, idle_s=300)


class Group:
    """A group of workers in a time of its own, second by second."""

    def __init__(self, replicas: int, began: float = -10_000) -> None:
        self.now = 0.0
        self.replicas, self.serving = replicas, replicas
        self.called = began
        self.history = History(began)

    def run(self, seconds: int, demand: float | Callable[[float], float], **measured: float) -> list[int]:
        """What is wanted after each second, none of which is done."""
        wanted = []
        for _ in range(seconds):
            self.now += 1
            asked = demand(self.now) if callable(demand) else demand
            self.called = self.now if asked else self.called
            self.history.add(Sample(self.now, self.replicas, self.serving, asked, **measured))
            wanted.append(self.wanted())
        return wanted

    def wanted(self) -> int:
        return self.history.wanted(SETTINGS, self.now, self.called)


def test_what_is_asked_is_shared_among_replicas_that_keep_something_in_hand() -> None:
    assert Group(1).run(100, 0.7)[-1] == 1
    assert Group(3).run(100, 2.3)[-1] == 3
    assert Group(1).run(100, 4.0)[-1] == 5


def test_a_jump_is_followed_within_seconds_however_few_replicas_there_are() -> None:
    group = Group(1)
    group.run(100, 0.5)
    assert group.run(6, 6.0)[-1] >= 8, "a demand of 6 at 80 %"


def test_a_demand_that_grows_is_met_before_it_is_there() -> None:
    group = Group(2)
    group.run(60, 1.0)
    wanted = group.run(30, lambda now: 1.0 + 0.03 * (now - 60))
    assert wanted[-1] >= 3, "1.9 is asked, and more by the time that a replica has started"


def test_more_is_not_wanted_of_calls_that_come_at_random() -> None:
    group = Group(2)
    wanted = group.run(300, lambda now: 1.2 + (0.1 if now % 2 else -0.1))
    assert set(wanted) == {2}


def test_what_waits_is_to_be_worked_off_while_a_replica_would_start() -> None:
    assert Group(1).run(10, 0.7, backlog=45.0)[-1] == 3


@pytest.mark.parametrize("trouble", [{"missed": 1.0}, {"answered": 10.0, "tight": 2.0}])
def test_missed_and_near_deadlines_ask_for_one_more_and_not_for_more_while_it_starts(trouble: dict[str, float]) -> None:
    group = Group(2)
    assert group.run(20, 1.5, **trouble)[-1] == 3
    group.replicas = 3
    assert set(group.run(20, 1.5, **trouble)) == {3}
    group.serving = 3
    assert group.run(20, 1.5, **trouble)[-1] == 4
    group.replicas = group.serving = 4
    assert group.run(59, 1.5)[-1] == 4, "trouble is not forgotten at once"
    assert group.run(20, 1.5)[-1] == 3


def test_what_was_missed_before_the_replica_that_it_asked_for_answered_asks_for_no_other() -> None:
    group = Group(2)
    group.run(20, 1.5, missed=1.0)
    group.replicas = 3
    group.run(20, 1.5, missed=1.0)
    group.serving = 3
    assert set(group.run(2, 1.5, missed=1.0)) == {3}, "what waited is being worked off"
    assert set(group.run(20, 1.5)) == {3}


def test_deadlines_that_cannot_be_met_do_not_ask_for_ever_more() -> None:
    group = Group(1)
    for replicas in (1, 2, 3, 4, 5):
        group.replicas = group.serving = replicas
        wanted = group.run(100, 0.7, missed=50.0, answered=50.0)
    assert wanted[-1] == 2


def test_a_few_near_deadlines_are_no_trouble() -> None:
    assert Group(2).run(20, 1.0, answered=100.0, tight=9.0)[-1] == 2


def test_replicas_are_given_up_only_after_fewer_were_enough_for_a_while() -> None:
    group = Group(4)
    group.run(100, 3.0)
    wanted = group.run(120, 0.5)
    assert set(wanted[:59]) == {4}
    assert set(wanted[70:]) == {1}


def test_what_is_wanted_of_a_demand_that_goes_up_and_down_does_not_go_up_and_down() -> None:
    group = Group(4)
    changes = 0
    for _ in range(600):
        (wanted,) = group.run(1, lambda now: 3.0 if now % 50 < 10 else 0.5)
        changes += wanted != group.replicas
        group.replicas = group.serving = wanted
    assert changes <= 4


def test_no_replica_is_given_up_where_the_others_would_be_just_enough() -> None:
    group = Group(3)
    assert group.run(200, 1.55)[-1] == 3, "two at 80 % would do 1.6"
    assert group.run(200, 1.4)[-1] == 2


def test_none_is_wanted_after_a_time_without_calls_and_one_at_the_first_call() -> None:
    group = Group(1)
    group.run(10, 0.5)
    assert group.run(299, 0.0)[-1] == 1
    assert group.run(2, 0.0)[-1] == 0
    group.replicas = group.serving = 0
    assert group.run(100, 0.0)[-1] == 0
    group.called = group.now
    assert group.wanted() == 1


def test_who_has_just_begun_to_measure_gives_up_nothing() -> None:
    group = Group(5, began=0.0)
    assert set(group.run(50, 0.1)) == {5}
    assert group.run(20, 0.1)[-1] == 1


def test_who_has_just_begun_wakes_nobody_and_sends_nobody_to_sleep() -> None:
    asleep = Group(0, began=0.0)
    assert set(asleep.run(10, 0.0)) == {0}
    quiet = Group(2, began=0.0)
    assert 0 not in quiet.run(290, 0.0)
    assert quiet.run(20, 0.0)[-1] == 0


def test_silent_workers_have_no_less_to_do_than_they_had() -> None:
    group = Group(4)
    group.run(100, 2.8)
    assert set(group.run(200, 0.0, silent=4)) == {4}
    assert group.run(10, 6.0, silent=1)[-1] >= 8, "what the others tell is more already"
    other = Group(1)
    other.run(100, 2.8)
    assert set(other.run(200, 0.0, silent=1)) == {4}, "those that were wanted are wanted still"


def test_what_silent_workers_have_to_do_is_no_jump_once_it_is_told_and_is_given_up_after_a_while_only() -> None:
    group = Group(4)
    group.run(200, 0.0, silent=4)
    assert set(group.run(59, 2.8)) == {4}, "neither fewer nor more at a demand of 2.8 at 80 %"
    group = Group(4)
    group.run(200, 0.0, silent=4)
    wanted = group.run(100, 0.5)
    assert set(wanted[:59]) == {4}
    assert set(wanted[70:]) == {1}


@pytest.mark.parametrize(
    "wrong",
    [
        {"utilization": 0.0},
        {"utilization": 0.009},
        {"utilization": 1.1},
        {"start_s": -1.0},
        {"idle_s": float("nan")},
        {"down_s": 901.0},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Settings(**wrong)
