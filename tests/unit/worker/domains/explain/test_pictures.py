# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures show what they are told to."""

import io

import numpy as np
import pytest
from argosy_worker.domains._shared.explain import pictures
from PIL import Image


def opened(png: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(png))
    assert image.format == "PNG"
    return np.asarray(image.convert("RGB"))


def test_bars_go_to_the_right_for_the_target_and_to_the_left_against_it() -> None:
    pixels = opened(pictures.bars("why", ["up", "down"], np.array([1.0, -0.5])))

    first, second = ((pixels == colour).all(axis=-1) for colour in (pictures.FOR, pictures.AGAINST))
    assert first.sum() == pytest.approx(2 * second.sum(), rel=0.1)
    assert np.nonzero(first)[1].min() >= np.nonzero(second)[1].max() - 1
    assert np.nonzero(first)[0].max() < np.nonzero(second)[0].min()  # the more important one is above


def test_only_the_most_important_bars_are_drawn() -> None:
    few, many = (opened(pictures.bars("t", ["n"] * count, np.ones(count))) for count in (3, 1000))
    assert few.shape[0] < many.shape[0] == (pictures.MOST_BARS + 2) * 22


@pytest.mark.parametrize("values", [[], [0.0, 0.0], [1e-300, -1e300]])
def test_bars_of_nothing_and_of_extremes_are_drawn(values: list[float]) -> None:
    names = ["\x00\u202e" * 100 + "\U0001f600"] * len(values)
    assert opened(pictures.bars("", names, np.array(values))).size


def test_a_heatmap_is_warm_where_it_speaks_for_the_target_and_cold_where_against() -> None:
    grey = np.full((20, 40, 3), 128, np.uint8)
    pixels = opened(pictures.heatmap(grey, np.array([[1.0, -1.0]]))).astype(int)

    assert pixels.shape[1] == 256
    left, right = pixels[:, 10].mean(axis=0), pixels[:, -10].mean(axis=0)
    assert left[0] > left[2] + 50
    assert right[2] > right[0] + 50
    assert (opened(pictures.heatmap(grey, np.zeros((2, 2)))) == 128).all()
