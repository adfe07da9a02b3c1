# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import random

import pytest
from argosy_gateway.scaling.wakes import KEPT, LATE_PART, Wakes


def wake(wakes: Wakes, at: float, takes_s: float, model: str = "m") -> float:
    """One wake of a domain with one model; returns what its first caller was told."""
    wakes.call("vision", at)
    told = wakes.delay("vision", model, at)
    assert wakes.seen("vision", [model], [], at + takes_s / 2) == {}
    assert wakes.seen("vision", [model], [model], at + takes_s) == {model: pytest.approx(takes_s)}
    wakes.asleep("vision")
    return told


def test_the_first_guess_is_told_until_something_is_known() -> None:
    wakes = Wakes(30.0)
    assert wake(wakes, 0.0, 8.0) == 30.0
    assert wake(wakes, 100.0, 8.0) == pytest.approx(8.0)


def test_after_learning_nine_of_ten_are_told_a_time_within_half_of_the_true_one() -> None:
    chance, wakes = random.Random(6), Wakes(30.0)
    taken = [12 * chance.uniform(0.75, 1.3) if chance.random() < 0.95 else 60.0 for _ in range(220)]
    told = [wake(wakes, 1000.0 * number, seconds) for number, seconds in enumerate(taken)]
    pairs = list(zip(told, taken, strict=True))[20:]
    good = sum(0.5 * true <= said <= 1.5 * true for said, true in pairs)
    assert good >= 0.9 * len(pairs), good


def test_one_wake_that_was_slow_is_outweighed_by_the_next() -> None:
    wakes = Wakes(30.0)
    wake(wakes, 0.0, 20.0)
    wake(wakes, 100.0, 8.0)
    assert wakes.expected("m") == pytest.approx(8.0)


def test_those_who_call_later_are_told_to_wait_for_what_is_left() -> None:
    wakes = Wakes(30.0)
    wake(wakes, 0.0, 20.0)
    wakes.call("vision", 100.0)
    wakes.call("vision", 105.0)
    assert wakes.delay("vision", "m", 105.0) == pytest.approx(15.0)
    assert wakes.delay("vision", "m", 300.0) == pytest.approx(LATE_PART * 20.0), "late, and nobody knows by how much"


def test_a_peer_that_was_called_before_says_when_the_wake_began() -> None:
    wakes = Wakes(30.0)
    wakes.call("vision", 10.0)
    wakes.call("vision", 8.0)
    assert wakes.seen("vision", ["m"], ["m"], 12.0) == {"m": pytest.approx(4.0)}


def test_each_model_is_learned_by_itself() -> None:
    wakes = Wakes(30.0)
    wakes.call("vision", 0.0)
    wakes.seen("vision", ["small", "large"], ["small"], 5.0)
    assert wakes.waking("vision", "large")
    assert not wakes.waking("vision", "small")
    wakes.seen("vision", ["small", "large"], ["small", "large"], 40.0)
    assert not wakes.waking("vision", "large")
    assert (wakes.expected("small"), wakes.expected("large")) == (5.0, 40.0)
    assert wakes.expected("new") == 22.5, "as much as the others, in the middle"


def test_what_answers_without_having_been_called_teaches_nothing() -> None:
    wakes = Wakes(30.0)
    assert wakes.seen("vision", ["m"], ["m"], 5.0) == {}
    assert wakes.expected("m") == 30.0


def test_a_wake_that_failed_long_ago_is_not_measured() -> None:
    wakes = Wakes(10.0)
    wakes.call("vision", 0.0)
    wakes.call("vision", 5000.0)
    assert wakes.seen("vision", ["m"], ["m"], 5007.0) == {"m": pytest.approx(7.0)}


def test_a_change_is_learned_within_half_of_what_is_kept() -> None:
    wakes = Wakes(30.0)
    for number in range(KEPT):
        wake(wakes, 1000.0 * number, 10.0)
    for number in range(KEPT, KEPT + KEPT // 2 + 1):
        wake(wakes, 1000.0 * number, 200.0)
    assert wakes.expected("m") == pytest.approx(200.0)


def test_what_others_learned_counts_where_nothing_is_known() -> None:
    wakes = Wakes(30.0)
    wakes.adopt("m", [10.0, 12.0, 14.0])
    assert wakes.expected("m") == 12.0
    wakes.adopt("m", [1.0])
    assert wakes.expected("m") == 12.0
