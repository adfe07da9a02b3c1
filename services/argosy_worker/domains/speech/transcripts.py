# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Transcripts as responses have them: words, times and confidence."""

import math
from collections.abc import Sequence

from argosy.speech.v1.speech_pb2 import Transcript, Word

from argosy_worker.domains.speech.alphabet import Alphabet
from argosy_worker.domains.speech.beam import Beam
from argosy_worker.domains.speech.decoding import Decoder, Emission, Greedy, Hypothesis, Plan
from argosy_worker.domains.speech.hearing import Ctc


def make_decoder(plan: Plan) -> Decoder:
    """A decoder of one utterance."""
    if plan.beam_width == 1:
        return Greedy(plan.alphabet.blank)
    return Beam(plan.alphabet.blank, plan.beam_width, plan.hints, plan.lexicon)


def transcripts(
    hypotheses: Sequence[Hypothesis], plan: Plan, ctc: Ctc, first_step: int, end_s: float
) -> list[Transcript]:
    """The best transcripts; the first alone has words.

    Args:
        hypotheses: What was kept, best first; those that read alike are one.
        plan: What was asked for.
        ctc: The model.
        first_step: Step of the audio at which the utterance begins.
        end_s: Where the audio ends, in seconds: no word is later.
    """
    read: dict[str, tuple[Hypothesis, list[float]]] = {}
    for one in hypotheses:
        text = " ".join(_text(word, plan.alphabet) for word in split_words(one.emissions, plan.alphabet))
        read.setdefault(text, (one, []))[1].append(one.score)
    highest = max(one.score for one in hypotheses)
    weights = {text: sum(math.exp(score - highest) for score in scores) for text, (_, scores) in read.items()}
    total = sum(weights.values())
    found: list[Transcript] = []
    for text in sorted(weights, key=lambda each: -weights[each])[: plan.alternatives]:
        transcript = Transcript(text=text, confidence=weights[text] / total)
        if not found:
            words = split_words(read[text][0].emissions, plan.alphabet)
            transcript.words.extend(_word(word, plan.alphabet, ctc, first_step, end_s) for word in words)
            if plan.beam_width == 1:
                parts = [word.confidence for word in transcript.words]
                transcript.confidence = sum(parts) / len(parts) if parts else 1.0
        found.append(transcript)
    return found


def split_words(emissions: Sequence[Emission], alphabet: Alphabet) -> list[list[Emission]]:
    """The tokens of each word."""
    if alphabet.delimiter is None:
        return [[one] for one in emissions if alphabet.written[one.token]]
    words: list[list[Emission]] = [[]]
    for one in emissions:
        if one.token == alphabet.delimiter:
            words.append([])
        elif alphabet.written[one.token]:
            words[-1].append(one)
    return [word for word in words if word]


def _text(word: Sequence[Emission], alphabet: Alphabet) -> str:
    return "".join(alphabet.written[one.token] for one in word)


def _word(word: Sequence[Emission], alphabet: Alphabet, ctc: Ctc, first_step: int, end_s: float) -> Word:
    delay_s = ctc.section.delay_ms / 1000
    start = min(max((first_step + word[0].step) * ctc.step_s - delay_s, 0.0), end_s)
    end = min(max((first_step + word[-1].step + 1) * ctc.step_s - delay_s, start), end_s)
    confidence = sum(math.exp(one.log_probability) for one in word) / len(word)
    found = Word(text=_text(word, alphabet), confidence=min(confidence, 1.0))
    found.start.FromMilliseconds(round(start * 1000))
    found.end.FromMilliseconds(round(end * 1000))
    return found
