# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Learning how long runs take."""

import random

import pytest
from argosy_worker.scheduling.latency import LatencyModel, Margin, Typical


def taught(fixed: float, item: float, sizes: list[int]) -> LatencyModel:
    model = LatencyModel(1.0)
    for size in sizes:
        model.learn(size, fixed + item * size)
    return model


def test_nothing_known_is_the_first_guess_for_each_item() -> None:
    assert LatencyModel(0.1).predict(3) == pytest.approx(0.3)


def test_sizes_never_seen_are_on_the_line_of_those_that_were() -> None:
    model = taught(0.010, 0.0005, [1, 32, 1, 32])
    assert model.predict(16) == pytest.approx(0.018)
    assert model.predict(64) == pytest.approx(0.042)


def test_a_size_seen_often_is_predicted_from_its_own_runs() -> None:
    model = taught(0.010, 0.0005, [1, 32] * 10)
    for _ in range(40):
        model.learn(8, 0.100)
    assert model.predict(8) == pytest.approx(0.100, rel=0.01)


def test_a_device_that_becomes_slower_is_learned() -> None:
    model = taught(0.010, 0.0005, [1, 32] * 20)
    for _ in range(100):
        for size in (1, 16, 32):
            model.learn(size, 0.020 + 0.001 * size)
    assert model.predict(24) == pytest.approx(0.044, rel=0.05)


@pytest.mark.parametrize(("seconds", "largest"), [(0.0261, 32), (0.0181, 16), (0.0106, 1), (0.0104, 0), (-1.0, 0)])
def test_the_largest_batch_that_fits_a_time(seconds: float, largest: int) -> None:
    assert taught(0.010, 0.0005, [1, 32] * 10).largest(seconds, 32) == largest


def test_the_margin_covers_nearly_all_answers_and_shrugs_off_a_stall() -> None:
    chance = random.Random(7)
    margin = Margin(0.001)
    for _ in range(3000):
        margin.learn(chance.uniform(0, 0.004))
    settled = margin.seconds
    assert 0.001 + 0.0034 < settled < 0.001 + 0.0046
    margin.learn(5.0)
    assert margin.seconds - settled < 0.001


def test_the_margin_shrinks_when_answers_are_on_time_again() -> None:
    margin = Margin(0.001)
    for _ in range(200):
        margin.learn(0.02)
    assert margin.seconds > 0.015
    for _ in range(2000):
        margin.learn(0.0)
    assert margin.seconds < 0.003


def test_an_answer_that_was_thought_too_late_and_was_not_takes_half_of_the_margin() -> None:
    margin = Margin(0.001)
    for _ in range(200):
        margin.learn(0.1)
    before = margin.seconds
    margin.correct(0.0)
    assert margin.seconds - 0.001 == pytest.approx((before - 0.001) / 2)
    for _ in range(10):
        margin.correct(0.001)
    assert margin.seconds == pytest.approx(0.002), "and no more than it was early"
    margin.correct(5.0)
    assert margin.seconds == pytest.approx(0.002), "one that was late all the same changes nothing"


def test_a_typical_time_is_found_at_once_and_shrugs_off_single_slow_ones() -> None:
    typical = Typical(0.1)
    typical.learn(0.00002)
    assert typical.seconds == 0.00002
    typical.learn(5.0)
    assert typical.seconds < 0.000022
    for _ in range(200):
        typical.learn(0.0008)
    assert 0.0007 < typical.seconds < 0.0009, "but not those that stay"


def test_one_stall_of_the_machine_changes_a_prediction_little_either_way() -> None:
    model = LatencyModel(1.0)
    for _ in range(20):
        model.learn(8, 0.020)
    model.learn(8, 2.0)
    assert model.predict(8) <= 0.020 * 1.11
    model.learn(8, 0.0)
    assert model.predict(8) >= 0.020 * 0.9


def test_a_device_that_is_slower_for_good_is_known_after_some_runs() -> None:
    model = LatencyModel(1.0)
    for _ in range(20):
        model.learn(8, 0.020)
    for _ in range(40):
        model.learn(8, 0.060)
    assert model.predict(8) == pytest.approx(0.060, rel=0.02)
