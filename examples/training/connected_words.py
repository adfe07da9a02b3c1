# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Utterances of several words of a small vocabulary, spoken by espeak-ng, in noise and at different levels."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import soxr
from common import Array
from log_mel import LogMel
from spoken_words import ACCENTS, RATE, noise, speak

DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
COMMANDS = ["yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go"]
WORDS = DIGITS + COMMANDS
MOST_WORDS = 6
#: Programs of espeak-ng at a time.
_SPEAKERS = 2


@dataclass(frozen=True)
class Utterance:
    """Words, and how they are to be spoken."""

    words: tuple[str, ...]
    voice: str
    accent: str
    words_per_minute: int
    pitch: int
    pauses: tuple[bool, ...]
    """Whether a short pause follows each word."""

    @property
    def text(self) -> str:
        """The words."""
        return " ".join(self.words)

    def spoken(self) -> Array:
        """The utterance without silence around it: float32 at 16 kHz with a peak of 1."""
        written = " ".join(word + "," * pause for word, pause in zip(self.words, self.pauses, strict=True))
        return speak(written, self.voice, self.accent, self.words_per_minute, self.pitch)


def utterances(count: int, voices: list[str], random: np.random.Generator) -> list[Utterance]:
    """So many utterances of 1 to :data:`MOST_WORDS` words in these voices, each as often as the others."""
    made = []
    for number in range(count):
        words = tuple(str(word) for word in random.choice(WORDS, random.integers(1, MOST_WORDS + 1)))
        speed, pitch = int(random.integers(110, 200)), int(random.integers(25, 76))
        pausing = random.choice([0.0, 0.3, 1.0])
        pauses = tuple(bool(pause) for pause in random.random(len(words)) < pausing)
        accent = str(random.choice(ACCENTS))
        made.append(Utterance(words, voices[number % len(voices)], accent, speed, pitch, pauses))
    return made


def speak_all(wanted: list[Utterance]) -> list[Array]:
    """All utterances spoken, in order, several at a time."""
    with ThreadPoolExecutor(_SPEAKERS) as pool:
        return list(pool.map(Utterance.spoken, wanted))


def background(length: int, random: np.random.Generator) -> Array:
    """Noise, made by a Fourier transform of a length that is quick."""
    return noise(1 << (length - 1).bit_length(), random)[:length]


def placed(spoken: Array, random: np.random.Generator) -> Array:
    """An utterance for training: stretched, between silences of up to 0.6 s, in noise of 3 to 40 dB or in none."""
    speech = soxr.resample(spoken, RATE, RATE * random.uniform(0.85, 1.18))
    clip = np.pad(speech, [int(RATE * random.uniform(0.05, 0.6)), int(RATE * random.uniform(0.3, 0.6))])
    if random.random() < 0.75:
        signal = np.sqrt(np.mean(speech**2))
        clip = clip + signal * 10 ** (-random.uniform(3, 40) / 20) * background(len(clip), random)
    return np.asarray(clip / np.abs(clip).max() * 10 ** random.uniform(-1.5, 0), dtype=np.float32)


def silence(seconds: float, random: np.random.Generator) -> Array:
    """Noise in which nobody speaks, at a random level."""
    clip = background(int(RATE * seconds), random)
    return np.asarray(clip / np.abs(clip).max() * 10 ** random.uniform(-4, -0.5), dtype=np.float32)


def training_clips(
    spoken: list[Array], texts: list[str], copies: int, features: LogMel, random: np.random.Generator
) -> tuple[list[Array], list[str]]:
    """Features [frames, mel_bins] of every utterance placed so many times, some silences among them, and the texts."""
    found, said = [], []
    for speech, text in zip(spoken, texts, strict=True):
        for _ in range(copies):
            found.append(features.log_power(placed(speech, random)).astype(np.float16))
            said.append(text)
    for _ in range(len(spoken) // 20):
        found.append(features.log_power(silence(random.uniform(0.5, 3), random)).astype(np.float16))
        said.append("")
    return found, said
