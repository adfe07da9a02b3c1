# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Words spoken by espeak-ng in many voices, in noise and at different levels; needs the program ``espeak-ng``."""

import io
import shutil
import subprocess
from dataclasses import dataclass

import numpy as np
import soundfile
import soxr
from common import Array

RATE = 16_000
ACCENTS = ["en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-029"]
#: Voices of espeak-ng, each a shape of the vocal tract of its own. Those held out are never heard in training.
_TRAINING = """
m1 m2 m3 m5 m6 m7 m8 f1 f2 f4 f5 adam Alex Alicia Andrea Annie anika benjamin boris caleb ed edward grandma grandpa
iven iven2 john klatt klatt2 klatt3 Lee Mario max michel Michael Mike norbert pablo pedro quincy rob robert sandro
shelby travis victor
"""
_HELDOUT = "m4 f3 Andy belinda david Gene linda paul steph zac"
TRAINING_VOICES, HELDOUT_VOICES = _TRAINING.split(), _HELDOUT.split()


@dataclass(frozen=True)
class Conditions:
    """Between which limits a clip's making is drawn: the word's stretch (which moves its pitch and formants too),
    the distance from speech to noise, the share of clips without noise, and the peak level.
    """

    stretch: tuple[float, float]
    noise_db: tuple[float, float]
    clean_share: float
    level: tuple[float, float]


TRAINING = Conditions(stretch=(0.85, 1.18), noise_db=(3, 35), clean_share=0.2, level=(0.03, 0.95))
HELDOUT = Conditions(stretch=(1.0, 1.0), noise_db=(10, 30), clean_share=0.25, level=(0.1, 0.9))


def speak(word: str, voice: str, accent: str, words_per_minute: int, pitch: int) -> Array:
    """The word alone, without silence around it: float32 at 16 kHz with a peak of 1."""
    program = shutil.which("espeak-ng")
    if program is None:
        raise SystemExit("this script needs the program espeak-ng: install the system package espeak-ng")
    command = [program, "-v", f"{accent}+{voice}", "-s", str(words_per_minute), "-p", str(pitch), "--stdout", word]
    wav = subprocess.run(command, check=True, capture_output=True).stdout
    samples, rate = soundfile.read(io.BytesIO(wav), dtype="float32")
    samples = soxr.resample(samples, rate, RATE)
    loud = np.flatnonzero(np.abs(samples) > 0.02 * np.abs(samples).max())
    return np.asarray(samples[loud[0] : loud[-1] + 1] / np.abs(samples).max(), dtype=np.float32)


def say(word: str, voice: str, random: np.random.Generator) -> Array:
    """The word in a voice, at a random accent, speed and pitch."""
    return speak(word, voice, random.choice(ACCENTS), int(random.integers(110, 200)), int(random.integers(25, 76)))


def noise(length: int, random: np.random.Generator) -> Array:
    """Noise of deviation 1, from white to brown: power falls with frequency to a random exponent."""
    spectrum = np.fft.rfft(random.standard_normal(length))
    spectrum /= np.maximum(np.arange(len(spectrum)), 1) ** random.uniform(0, 1)
    samples = np.fft.irfft(spectrum, n=length)
    return np.asarray(samples / samples.std())


def place(word: Array, conditions: Conditions, random: np.random.Generator) -> Array:
    """The word, stretched, in a clip with up to 0.35 s before and 0.4 s after it, in noise, at a random level."""
    word = soxr.resample(word, RATE, RATE * random.uniform(*conditions.stretch))
    clip = np.pad(word, [int(RATE * random.uniform(0.02, seconds)) for seconds in (0.35, 0.4)])
    if random.random() >= conditions.clean_share:
        signal = np.sqrt(np.mean(word**2))
        clip = clip + signal * 10 ** (-random.uniform(*conditions.noise_db) / 20) * noise(len(clip), random)
    return np.asarray(clip / np.abs(clip).max() * random.uniform(*conditions.level), dtype=np.float32)
