# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Speech: from probabilities of tokens to words."""

import itertools
import math
from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from argosy.speech.v1.speech_pb2 import DecodingOptions, PhraseHint
from argosy_worker.domains.speech.alphabet import Alphabet
from argosy_worker.domains.speech.beam import Beam
from argosy_worker.domains.speech.decoding import Greedy, Hypothesis, make_plan
from argosy_worker.domains.speech.hints import Hints, build_hints
from argosy_worker.domains.speech.lexicon import Lexicon, build_lexicon
from argosy_worker.errors import InvalidInput
from argosy_worker.repository.sections.speech import RecognizeSection

TOKENS = ("<pad>", "|", "a", "b", "c")
ALPHABET = Alphabet(TOKENS, ("", "", "a", "b", "c"), blank=0, delimiter=1)
SECTION = RecognizeSection(output="y", alphabet_file="vocab.json", stride=1, languages=["en"])


def random_log_probabilities(steps: int, seed: int) -> Any:
    values = np.random.default_rng(seed).normal(0, 1.5, (steps, len(TOKENS)))
    return values - np.log(np.exp(values).sum(axis=1, keepdims=True))


def tokens(hypothesis: Hypothesis) -> tuple[int, ...]:
    return tuple(one.token for one in hypothesis.emissions)


def likely(*rows: dict[str, float]) -> Any:
    """Log probabilities of steps; the blank gets what is left."""
    values = np.full((len(rows), len(TOKENS)), 1e-9)
    for row, wanted in zip(values, rows, strict=True):
        for token, share in wanted.items():
            row[TOKENS.index(token)] = share
        row[0] = max(1 - sum(wanted.values()), 1e-9)
    return np.log(values)


def by_all_paths(log_probabilities: Any) -> dict[tuple[int, ...], float]:
    """Probability of every transcript, summed over all its alignments, one by one."""
    found: dict[tuple[int, ...], float] = defaultdict(float)
    for path in itertools.product(range(len(TOKENS)), repeat=len(log_probabilities)):
        joined = tuple(token for token, _ in itertools.groupby(path) if token)
        found[joined] += math.exp(sum(row[token] for row, token in zip(log_probabilities, path, strict=True)))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_a_wide_beam_finds_the_transcripts_that_are_most_probable_over_all_alignments(seed: int) -> None:
    log_probabilities = random_log_probabilities(5, seed)
    beam = Beam(blank=0, width=3000)
    beam.advance(log_probabilities)

    found = {tokens(one): math.exp(one.score) for one in beam.best()}

    expected = by_all_paths(log_probabilities)
    assert found.keys() == {each for each, value in expected.items() if value > 0}
    for each, value in expected.items():
        assert found[each] == pytest.approx(value, rel=1e-9)
    assert tokens(beam.best()[0]) == max(expected, key=lambda each: expected[each])


def test_a_beam_finds_what_greedy_decoding_misses() -> None:
    steps = likely({"a": 0.4}, {"a": 0.4})
    greedy, beam = Greedy(blank=0), Beam(blank=0, width=4)
    greedy.advance(steps)
    beam.advance(steps)
    assert tokens(greedy.best()[0]) == ()
    assert tokens(beam.best()[0]) == (2,)


@pytest.mark.parametrize("width", [1, 8])
def test_decoding_step_by_step_is_decoding_at_once(width: int) -> None:
    log_probabilities = random_log_probabilities(30, 5)

    def decoded(size: int) -> list[tuple[tuple[int, ...], list[int]]]:
        decoder = Greedy(blank=0) if width == 1 else Beam(blank=0, width=width)
        for start in range(0, 30, size):
            decoder.advance(log_probabilities[start : start + size])
        return [(tokens(one), [each.step for each in one.emissions]) for one in decoder.best()]

    assert decoded(30) == decoded(1) == decoded(7)


@pytest.mark.parametrize("decoder", [Greedy(blank=0), Beam(blank=0, width=8)])
def test_a_token_stands_where_it_is_most_probable_and_twice_only_with_a_blank_between(decoder: Any) -> None:
    decoder.advance(likely({}, {"a": 0.6}, {"a": 0.9}, {"a": 0.7}, {}, {"a": 0.8}, {}))
    (best, *_) = decoder.best()
    assert [(one.token, one.step) for one in best.emissions] == [(2, 2), (2, 5)]
    assert [math.exp(one.log_probability) for one in best.emissions] == pytest.approx([0.9, 0.8])


def hinted(**words: float) -> Hints:
    spelled = {ALPHABET.spelled(word) or (): boost for word, boost in words.items()}
    return build_hints(spelled, ALPHABET)


UNSURE = likely({"a": 0.99}, {"b": 0.5, "c": 0.45}, {"|": 0.99})


def test_a_hinted_word_wins_where_the_sound_leaves_it_open() -> None:
    plain, hints = Beam(0, 16), Beam(0, 16, hinted(ac=2.0))
    for beam in (plain, hints):
        beam.advance(UNSURE)
    assert tokens(plain.best()[0]) == (2, 3, 1)
    assert tokens(hints.best()[0]) == (2, 4, 1)


def test_a_hint_gives_a_whole_word_its_boost_and_a_part_of_it_nothing() -> None:
    def score(wanted: tuple[int, ...], hints: Hints | None) -> float:
        beam = Beam(0, 3000, hints)
        beam.advance(UNSURE)
        return next(one.score for one in beam.best() if tokens(one) == wanted)

    for wanted, gained in {(2, 4, 1): 2.0, (2, 4): 2.0, (2, 3, 1): 0.0, (2,): 0.0, (4,): 0.0, (2, 1): 0.0}.items():
        assert score(wanted, hinted(ac=2.0)) - score(wanted, None) == pytest.approx(gained), wanted


def test_a_hint_does_not_make_a_word_of_what_was_not_said() -> None:
    beam = Beam(0, 16, hinted(cab=3.0))
    beam.advance(likely({"a": 0.999}, {"b": 0.999}, {"|": 0.999}))
    assert tokens(beam.best()[0]) == (2, 3, 1)


def test_a_word_is_spelled_by_the_longest_tokens() -> None:
    alphabet = Alphabet(("-", "|", "t", "h", "th", "e"), ("", "", "t", "h", "th", "e"), 0, 1)
    assert alphabet.spelled("the") == (4, 5)
    assert alphabet.spelled("tee") == (2, 5, 5)
    assert alphabet.spelled("ox") is None
    assert alphabet.spelled("") is None


def options(**fields: Any) -> DecodingOptions:
    return DecodingOptions(**fields)


BAD = {
    "beam too wide": (options(beam_width=129), "BEAM_WIDTH_OUT_OF_RANGE"),
    "negative beam": (options(beam_width=-1), "BEAM_WIDTH_OUT_OF_RANGE"),
    "negative alternatives": (options(max_alternatives=-1), "ALTERNATIVES_OUT_OF_RANGE"),
    "unknown language": (options(language="tlh"), "LANGUAGE_UNSUPPORTED"),
    "endless language": (options(language="e" * 10_000), "LANGUAGE_UNSUPPORTED"),
    "501 hints": (options(hints=[PhraseHint(phrase="a")] * 501), "TOO_MANY_HINTS"),
    "empty hint": (options(hints=[PhraseHint(phrase="a"), PhraseHint(phrase=" ")]), "HINT_INVALID"),
    "long hint": (options(hints=[PhraseHint(phrase="a" * 101)]), "HINT_INVALID"),
    "hint that cannot be written": (options(hints=[PhraseHint(phrase="a\u00e9")]), "HINT_INVALID"),
    "negative boost": (options(hints=[PhraseHint(phrase="a", boost=-1)]), "HINT_INVALID"),
    "endless boost": (options(hints=[PhraseHint(phrase="a", boost=float("inf"))]), "HINT_INVALID"),
    "boost that is no number": (options(hints=[PhraseHint(phrase="a", boost=float("nan"))]), "HINT_INVALID"),
    "hints for a beam of one": (options(beam_width=1, hints=[PhraseHint(phrase="a")]), "HINTS_NEED_BEAM"),
}


@pytest.mark.parametrize("name", BAD)
def test_options_that_cannot_be_used_are_refused(name: str) -> None:
    asked, reason = BAD[name]
    with pytest.raises(InvalidInput) as caught:
        make_plan(asked, SECTION, ALPHABET)
    assert caught.value.reason == reason


def test_defaults_are_the_models_and_hints_widen_the_beam() -> None:
    assert make_plan(options(), SECTION, ALPHABET).beam_width == 1
    assert make_plan(options(hints=[PhraseHint(phrase="A bc")]), SECTION, ALPHABET).beam_width == 16
    assert make_plan(options(language="en_GB", max_alternatives=9), SECTION, ALPHABET).alternatives == 1
    assert make_plan(options(beam_width=4, max_alternatives=9), SECTION, ALPHABET).alternatives == 4


def lexicon(*words: str) -> Lexicon:
    return build_lexicon([ALPHABET.spelled(word) or () for word in words], ALPHABET)


def test_a_vocabulary_admits_no_other_word() -> None:
    misspelt = likely({"a": 0.9}, {"b": 0.6, "c": 0.3}, {"|": 0.9}, {"c": 0.9}, {"b": 0.9})
    free, bound = Beam(0, 16), Beam(0, 16, lexicon=lexicon("ac", "cb"))
    for beam in (free, bound):
        beam.advance(misspelt)
    assert tokens(free.best()[0]) == (2, 3, 1, 4, 3)
    assert tokens(bound.best()[0]) == (2, 4, 1, 4, 3)


def test_a_word_of_the_vocabulary_that_is_cut_short_is_told_only_where_nothing_else_is() -> None:
    beam = Beam(0, 16, lexicon=lexicon("abc"))
    beam.advance(likely({"a": 1.0 - 1e-9}, {"b": 0.9}))
    assert all(set(tokens(one)) <= {1} for one in beam.best())


def test_hints_choose_among_the_words_of_a_vocabulary() -> None:
    words = lexicon("ab", "ac")
    plain, hints = Beam(0, 16, lexicon=words), Beam(0, 16, hinted(ac=2.0), words)
    for beam in (plain, hints):
        beam.advance(UNSURE)
    assert tokens(plain.best()[0]) == (2, 3, 1)
    assert tokens(hints.best()[0]) == (2, 4, 1)
