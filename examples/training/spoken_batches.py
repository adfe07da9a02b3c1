# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Batches of spoken phrases for CTC: features that are drawn anew in each epoch, and the letters that were said."""

import keras
import numpy as np
from common import Array
from connected_words import WORDS
from log_mel import LogMel

FEATURES = LogMel()
BLANK, SPACE = "<blank>", "|"
ALPHABET = [BLANK, SPACE, *sorted(set("".join(WORDS)))]
BATCH = 64
#: Lengths, in frames, to which clips are padded with silence: few, because each is compiled anew.
LENGTHS = [150, 249, 399, 651]


def encoded(text: str) -> list[int]:
    """A text as places in the alphabet."""
    return [ALPHABET.index(letter) for letter in text.replace(" ", SPACE)]


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches of clips of about the same length, with bands and moments hidden at random."""

    def __init__(self, clips: list[Array], texts: list[str], seed: int) -> None:
        super().__init__()
        self._clips, self._texts = clips, [encoded(text) for text in texts]
        self._random = np.random.default_rng(seed)
        self._longest = max(map(len, self._texts))
        self._silent = np.float32(np.log(FEATURES.log_floor))
        self.on_epoch_end()

    def on_epoch_end(self) -> None:
        """Shuffles."""
        order = self._random.permutation(len(self._clips))
        groups: dict[int, list[int]] = {length: [] for length in LENGTHS}
        for index in order:
            length = next((each for each in LENGTHS if len(self._clips[index]) <= each), None)
            if length is not None:
                groups[length].append(int(index))
        found = [
            (length, chosen[start : start + BATCH])
            for length, chosen in groups.items()
            for start in range(0, len(chosen) - BATCH + 1, BATCH)
        ]
        self._batches = [found[place] for place in self._random.permutation(len(found))]

    def __len__(self) -> int:
        return len(self._batches)

    def __getitem__(self, place: int) -> tuple[Array, Array]:
        length, chosen = self._batches[place]
        features = np.full((BATCH, length, FEATURES.mel_bins), self._silent, np.float32)
        labels = np.zeros((BATCH, self._longest), np.int32)
        for row, index in enumerate(chosen):
            clip = self._varied(self._clips[index].astype(np.float32), length)
            features[row, : len(clip)] = clip
            labels[row, : len(self._texts[index])] = self._texts[index]
        return features, labels

    def _varied(self, clip: Array, longest: int) -> Array:
        """The clip as another voice might say it elsewhere: faster or slower, of other formants, softer, in noise."""
        random = self._random
        count = min(round(len(clip) * random.uniform(0.88, 1.15)), longest)
        clip = warped(clip, np.linspace(0, len(clip) - 1, count))
        bands = np.arange(FEATURES.mel_bins) * random.uniform(0.92, 1.08) + random.uniform(-1.5, 1.5)
        clip = warped(clip.T, np.clip(bands, 0, FEATURES.mel_bins - 1)).T + random.uniform(-2.0, 1.0)
        power = np.exp(clip) + FEATURES.log_floor
        if random.random() < 0.5:
            power += self._noise(power)
        clip = np.log(power)
        self._hide(clip)
        return clip

    def _noise(self, power: Array) -> Array:
        """Power of noise in each band and frame, 0 to 30 dB below the louder frames, of a random tilt."""
        widths = FEATURES.filterbank.sum(axis=0)
        level = np.quantile(power.sum(axis=1), 0.8) * 10 ** (-self._random.uniform(0, 30) / 10)
        tilt = widths * np.exp(self._random.uniform(-3, 0.5) * np.linspace(0, 1, FEATURES.mel_bins))
        shapes = np.broadcast_to(np.maximum(widths, 1), power.shape)
        return np.asarray(self._random.standard_gamma(shapes) / shapes * (level * tilt / tilt.sum()), np.float32)

    def _hide(self, clip: Array) -> None:
        mean = clip.mean()
        low, high = self._random.integers(0, FEATURES.mel_bins), self._random.integers(0, 8)
        clip[:, low : low + high] = mean
        start, count = self._random.integers(0, len(clip)), self._random.integers(0, 8)
        clip[start : start + count] = mean


def warped(values: Array, places: Array) -> Array:
    """Rows at places between rows."""
    below = np.minimum(places.astype(int), len(values) - 2)
    share = (places - below)[:, None].astype(np.float32)
    return np.asarray(values[below] * (1 - share) + values[below + 1] * share)
