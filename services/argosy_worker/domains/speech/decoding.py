# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""From probabilities of tokens to transcripts: what a request may ask for, and the greedy way."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from argosy.speech.v1.speech_pb2 import DecodingOptions

from argosy_worker.domains.speech.alphabet import Alphabet
from argosy_worker.domains.speech.hearing import LogProbabilities
from argosy_worker.domains.speech.hints import Hints, build_hints
from argosy_worker.domains.speech.lexicon import Lexicon
from argosy_worker.errors import InvalidInput
from argosy_worker.repository.sections.speech import RecognizeSection

MAX_BEAM_WIDTH = 128
MAX_HINTS = 500
MAX_HINT_CHARACTERS = 100
MAX_BOOST = 20.0
DEFAULT_BOOST = 3.0
#: Transcripts that are kept where a request has hints, which a greedy model cannot use, and does not say.
HINTED_BEAM_WIDTH = 16


@dataclass(slots=True)
class Emission:
    """One token of a transcript, at the step where it was most probable."""

    token: int
    step: int
    log_probability: float


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One way to read what was heard."""

    emissions: Sequence[Emission]
    score: float
    """Natural logarithm of its probability, hints included; of the greedy one there is none, and it is 0."""


class Decoder(Protocol):
    """Decodes one utterance as it is heard."""

    def advance(self, log_probabilities: LogProbabilities) -> None:
        """Takes further steps."""
        ...

    def best(self) -> list[Hypothesis]:
        """What has been kept, best first; never empty."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """How one request is to be decoded."""

    alphabet: Alphabet
    beam_width: int
    alternatives: int
    hints: Hints | None
    lexicon: Lexicon | None = None
    """Words that may be written; a greedy decoder pays no heed to it."""

    def cost_bytes(self, steps: int) -> int:
        """Work of decoding so many steps, as bytes that decoding would write."""
        return steps * self.beam_width * 256 if self.beam_width > 1 else 0


def make_plan(
    options: DecodingOptions, section: RecognizeSection, alphabet: Alphabet, lexicon: Lexicon | None = None
) -> Plan:
    """Checks what a request asks for.

    Raises:
        InvalidInput: BEAM_WIDTH_OUT_OF_RANGE, ALTERNATIVES_OUT_OF_RANGE, LANGUAGE_UNSUPPORTED, TOO_MANY_HINTS,
            HINT_INVALID or HINTS_NEED_BEAM.
    """
    width, alternatives = options.beam_width, options.max_alternatives
    if not 0 <= width <= MAX_BEAM_WIDTH:
        raise InvalidInput(
            f"decoding.beam_width is {width}; it must be from 1 to {MAX_BEAM_WIDTH}, or 0 for the model's own",
            reason="BEAM_WIDTH_OUT_OF_RANGE",
            metadata={"limit": str(MAX_BEAM_WIDTH)},
        )
    if alternatives < 0:
        raise InvalidInput(
            f"decoding.max_alternatives is {alternatives}; it must be at least 0", reason="ALTERNATIVES_OUT_OF_RANGE"
        )
    _check_language(options.language, section.languages)
    hints = _hints(options, alphabet)
    if hints is not None and width == 1:
        raise InvalidInput(
            "decoding.hints take no effect in a beam of 1: set decoding.beam_width to more, or leave it out",
            reason="HINTS_NEED_BEAM",
        )
    chosen = width or max(section.beam_width, HINTED_BEAM_WIDTH if hints else 1)
    return Plan(alphabet, chosen, min(alternatives or 1, chosen), hints, lexicon)


def _check_language(language: str, known: Sequence[str]) -> None:
    if not language or not known:
        return
    first = language.replace("_", "-").partition("-")[0].lower()
    if first not in {each.partition("-")[0].lower() for each in known}:
        raise InvalidInput(
            f"decoding.language is {language[:40]!r}; this model knows {', '.join(known)}",
            reason="LANGUAGE_UNSUPPORTED",
            metadata={"language": language[:40]},
        )


def _hints(options: DecodingOptions, alphabet: Alphabet) -> Hints | None:
    if len(options.hints) > MAX_HINTS:
        raise InvalidInput(
            f"decoding.hints holds {len(options.hints)} phrases; send at most {MAX_HINTS}",
            reason="TOO_MANY_HINTS",
            metadata={"limit": str(MAX_HINTS)},
        )
    words: dict[tuple[int, ...], float] = {}
    for index, hint in enumerate(options.hints):
        boost = hint.boost if hint.HasField("boost") else DEFAULT_BOOST
        if not (math.isfinite(boost) and 0 <= boost <= MAX_BOOST):
            raise _bad_hint(index, f".boost is {boost:g}; it must be from 0 to {MAX_BOOST:g}")
        if not hint.phrase.strip() or len(hint.phrase) > MAX_HINT_CHARACTERS:
            raise _bad_hint(index, f" must have a phrase of 1 to {MAX_HINT_CHARACTERS} characters")
        for word in hint.phrase.split():
            spelled = next(
                (found for each in (word, word.lower(), word.upper()) if (found := alphabet.spelled(each))), None
            )
            if spelled is None:
                raise _bad_hint(index, f": the model's alphabet cannot write {word[:40]!r}")
            words[spelled] = max(boost, words.get(spelled, 0.0))
    return build_hints(words, alphabet) if words else None


def _bad_hint(index: int, text: str) -> InvalidInput:
    return InvalidInput(f"decoding.hints[{index}]{text}", reason="HINT_INVALID", metadata={"index": str(index)})


@dataclass(slots=True)
class Greedy:
    """Takes the most probable token at each step, joins equal neighbours and drops blanks."""

    blank: int
    _emissions: list[Emission] = field(default_factory=list)
    _previous: int = -1
    _step: int = 0

    def advance(self, log_probabilities: LogProbabilities) -> None:
        """Takes further steps, [steps, tokens]."""
        best = log_probabilities.argmax(axis=1)
        values = log_probabilities[range(len(best)), best]
        for token, value in zip(best.tolist(), values.tolist(), strict=True):
            if token != self.blank:
                if token != self._previous:
                    self._emissions.append(Emission(token, self._step, value))
                elif value > self._emissions[-1].log_probability:
                    self._emissions[-1].step, self._emissions[-1].log_probability = self._step, value
            self._previous = token
            self._step += 1

    def best(self) -> list[Hypothesis]:
        """The one transcript."""
        return [Hypothesis(self._emissions, 0.0)]
