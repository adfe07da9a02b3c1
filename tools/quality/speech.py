# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Models that hear."""

import io
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import soundfile
from argosy_client import Argosy
from argosy_client.evaluation.figures import word_errors
from numpy.typing import NDArray

from examples.training.white_noise import in_noise
from tools.quality.reading import Figures, Measure, arrays, files, share

RATE = 16_000
#: Calls at a time; the worker recognises them in one batch.
CALLS = 4

Clip = NDArray[np.float32]


def commands(argosy: Argosy) -> Figures:
    """Accuracy."""
    held_out = arrays("speech/commands/heldout.npz")
    best = [argosy.speech.classify(clip, model="commands").best.index for clip in files(held_out)]
    return {("accuracy", "held-out"): share(best == held_out["labels"])}


def digits_and_commands(argosy: Argosy) -> Figures:
    """Word error rate as the model is served, in noise, and without the beam that its vocabulary holds."""
    held_out = arrays("speech/digits_and_commands/heldout.npz")
    clips = [soundfile.read(io.BytesIO(file), dtype="float32")[0] for file in files(held_out)]
    texts = [str(text) for text in held_out["texts"]]

    def error_rate(sent: Iterable[Clip], beam_width: int = 0) -> float:
        def text(clip: Clip) -> str:
            asked = (clip, RATE)
            return argosy.speech.recognize(asked, model="digits_and_commands", beam_width=beam_width).text

        with ThreadPoolExecutor(CALLS) as pool:
            return word_errors(list(pool.map(text, sent)), texts)["wer"]

    return {
        ("word_error_rate", "held-out"): error_rate(clips),
        ("word_error_rate", "held-out, 10 dB SNR"): error_rate(in_noise(clip, seed) for seed, clip in enumerate(clips)),
        ("word_error_rate", "held-out, greedy"): error_rate(clips, beam_width=1),
    }


MEASURES: dict[str, Measure] = {"commands": commands, "digits_and_commands": digits_and_commands}
