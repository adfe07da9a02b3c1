# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from math import inf

import pytest

from bench.speaking import LIMIT_S, Heard, Level, delays, next_streams

SPOKEN = [("one", 0.5), ("two", 1.0), ("three", 3.0)]


def test_a_word_is_shown_when_a_result_first_has_it_in_its_place() -> None:
    heard = [
        Heard(0.7, ("on",), False),
        Heard(0.8, ("one",), False),
        Heard(1.3, ("one", "two"), False),
        Heard(1.9, ("one", "two"), True),
        Heard(3.2, ("three",), False),
        Heard(3.9, ("three",), True),
    ]
    assert delays(SPOKEN, heard) == pytest.approx([0.3, 0.3, 0.2])


def test_a_word_that_never_comes_or_comes_as_another_one_is_infinitely_late() -> None:
    heard = [Heard(1.2, ("one", "too"), True), Heard(3.2, (), True)]
    assert delays(SPOKEN, heard) == pytest.approx([0.7, inf, inf])


def level(streams: int, delay_s: float) -> Level:
    return Level(streams, (delay_s,) * 10, (0.1,), 0.5)


def test_streams_are_doubled_until_words_are_late_and_then_halved_between() -> None:
    tried: list[Level] = []
    while streams := next_streams(tried):
        tried.append(level(streams, LIMIT_S / 2 if streams <= 37 else LIMIT_S))
    assert [one.streams for one in tried[:7]] == [1, 2, 4, 8, 16, 32, 64]
    assert 34 <= max(one.streams for one in tried if one.keeps_up) <= 37
    assert len(tried) < 12


def test_a_worker_that_cannot_serve_one_stream_ends_the_search() -> None:
    assert next_streams([level(1, inf)]) == 0


def test_a_level_with_a_failed_stream_does_not_keep_up() -> None:
    assert level(4, 0.1).keeps_up
    assert not Level(4, (0.1,), (0.1,), 0.5, ("refused",)).keeps_up
