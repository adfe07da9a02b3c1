# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What models of speech answer beyond classes. All are immutable; times are in seconds from the begin of the audio."""

from dataclasses import dataclass

from argosy_client.results import Timing


@dataclass(frozen=True, slots=True)
class Word:
    """One word with its times; ``confidence`` is the mean probability of its sounds."""

    text: str
    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """One way to read the audio; the best one alone has words."""

    text: str
    confidence: float
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Recognition:
    """The words of one clip: transcripts, best first, and the clip's length as received, in seconds."""

    transcripts: tuple[Transcript, ...]
    duration_s: float
    model: str
    version: str
    timing: Timing

    @property
    def best(self) -> Transcript:
        """The most probable transcript. Raises IndexError where there is none."""
        return self.transcripts[0]

    @property
    def text(self) -> str:
        """The text of the most probable transcript."""
        return self.transcripts[0].text if self.transcripts else ""


@dataclass(frozen=True, slots=True)
class StreamedTranscript:
    """What a stream has recognized since its last final result.

    Args:
        transcript: The words.
        final: Whether this is the last word on this part; interim results may change.
        stability: Share of the words that are expected to stay.
        audio_end_s: Position in the audio up to which this is known.
    """

    transcript: Transcript
    final: bool
    stability: float
    audio_end_s: float
    model: str
    version: str

    @property
    def text(self) -> str:
        """The words as text."""
        return self.transcript.text


@dataclass(frozen=True, slots=True)
class SpeechSegment:
    """A part of a clip in which somebody speaks, with the mean probability of that."""

    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True, slots=True)
class DetectedSpeech:
    """Where somebody speaks in a clip, in order, and the clip's length as received, in seconds."""

    segments: tuple[SpeechSegment, ...]
    duration_s: float
    model: str
    version: str
    timing: Timing


@dataclass(frozen=True, slots=True)
class SegmentAttribution:
    """The importance of a part of a clip; higher speaks more for the target."""

    start_s: float
    end_s: float
    attribution: float


@dataclass(frozen=True, slots=True)
class ClipExplanation:
    """Which parts of a clip its label rests on.

    Args:
        segments: Parts in the order of time, with their importance.
        method: Method that was used.
        target: Label that was explained.
        value: Score of the target for the clip as it was sent.
        base_value: Score of the target for silence.
        evaluation_count: Altered clips on which the model ran.
        fidelity: How far the importances can be trusted; 0 is what a random order gives. None where it is not told.
        picture: A PNG, or empty where none was asked for.
    """

    segments: tuple[SegmentAttribution, ...]
    method: str
    target: str
    value: float
    base_value: float
    evaluation_count: int
    fidelity: float | None
    picture: bytes
    model: str
    version: str
    timing: Timing
