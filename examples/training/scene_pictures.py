# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Scenes of handwritten digits and drawn shapes, with the box of each object and the class of each pixel."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from common import Array

SHAPES = ["circle", "square", "triangle"]
#: Classes of objects, and classes of pixels.
OBJECTS = [*(str(digit) for digit in range(10)), *SHAPES]
SURFACES = ["background", "digit", *SHAPES]

_SIDES = (96, 144)
_OBJECT_SIDES = (26, 46)
_MOST_OBJECTS = 5
_TRIES = 25
#: From how much of an object's colour on a pixel belongs to it.
_INSIDE = 0.4
#: Shapes are drawn so many times larger and made smaller, which smooths their edges.
_FINER = 4


@dataclass(frozen=True)
class Scene:
    """One picture."""

    pixels: Array
    """uint8 [height, width, 3], RGB."""
    boxes: Array
    """float32 [objects, 4]: left, upper, right and lower edge, in pixels."""
    labels: Array
    """int64 [objects], places in ``OBJECTS``."""
    surfaces: Array
    """uint8 [height, width], places in ``SURFACES``."""


def draw_scene(digits: Array, names: Array, random: np.random.Generator) -> Scene:
    """A scene of 1 to 5 objects that do not overlap.

    Args:
        digits: Handwritten digits to choose from, float [N, 8, 8], 0..16.
        names: Which digit each is, int [N].
        random: Where chance comes from.
    """
    height, width = random.integers(*_SIDES, size=2, endpoint=True)
    canvas = _ground(int(height), int(width), random)
    surfaces = np.zeros((height, width), np.uint8)
    boxes: list[tuple[int, int, int, int]] = []
    labels: list[int] = []
    wanted = int(random.integers(1, _MOST_OBJECTS, endpoint=True))
    for _ in range(_TRIES):
        if len(labels) == wanted:
            break
        cover, label = _object(digits, names, random)
        top, left = (
            int(random.integers(0, have - need + 1)) for have, need in zip(canvas.shape, cover.shape, strict=False)
        )
        box = (left, top, left + cover.shape[1], top + cover.shape[0])
        if any(_touch(box, other) for other in boxes):
            continue
        place = canvas[box[1] : box[3], box[0] : box[2]]
        place += cover[..., None] * (_colour(place.mean(axis=(0, 1)), random) - place)
        kind = max(label - len(OBJECTS) + len(SURFACES), SURFACES.index("digit"))
        surfaces[box[1] : box[3], box[0] : box[2]][cover > _INSIDE] = kind
        boxes.append(box)
        labels.append(label)
    canvas += random.normal(0, random.uniform(1, 6), canvas.shape)
    pixels = np.clip(np.rint(canvas), 0, 255).astype(np.uint8)
    return Scene(pixels, np.array(boxes, np.float32).reshape(-1, 4), np.array(labels, np.int64), surfaces)


def _ground(height: int, width: int, random: np.random.Generator) -> Array:
    """A slope between two colours, float64 [height, width, 3]."""
    first, second = random.uniform(30, 226, (2, 3))
    angle = random.uniform(0, 2 * np.pi)
    rows, columns = np.mgrid[0:height, 0:width]
    slope = np.cos(angle) * columns / width + np.sin(angle) * rows / height
    slope = (slope - slope.min()) / np.ptp(slope)
    return np.asarray(first + 0.5 * slope[..., None] * (second - first))


def _object(digits: Array, names: Array, random: np.random.Generator) -> tuple[Array, int]:
    """How much an object covers each pixel of its box, float [height, width] in 0..1, and its class."""
    side = int(random.integers(*_OBJECT_SIDES, endpoint=True))
    if random.random() < 0.6:
        chosen = int(random.integers(len(digits)))
        cover, label = _digit(digits[chosen], side, random), int(names[chosen])
    else:
        shape = int(random.integers(len(SHAPES)))
        cover, label = _shape(SHAPES[shape], side, random), len(OBJECTS) - len(SHAPES) + shape
    inside = cover > _INSIDE
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    return cover[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], label


def _digit(image: Array, side: int, random: np.random.Generator) -> Array:
    big = cv2.resize((image / 16.0).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC)
    turn = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), random.uniform(-8, 8), 1.0)
    return np.clip(np.asarray(cv2.warpAffine(big, turn, (side, side))), 0, 1)


def _shape(name: str, side: int, random: np.random.Generator) -> Array:
    fine = side * _FINER
    canvas = np.zeros((fine, fine), np.uint8)
    middle, reach = fine / 2, fine / 2 - _FINER
    if name == "circle":
        axes = (int(reach), int(reach * random.uniform(0.8, 1)))
        cv2.ellipse(canvas, (int(middle), int(middle)), axes, random.uniform(0, 180), 0, 360, 255, -1)
    else:
        corners = 4 if name == "square" else 3
        turn = random.uniform(-0.35, 0.35) + (np.pi / 4 if name == "square" else -np.pi / 2)
        angles = turn + 2 * np.pi * np.arange(corners) / corners
        points = middle + reach * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        cv2.fillPoly(canvas, [np.rint(points).astype(np.int32)], 255)
    return np.asarray(cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA)) / 255.0


def _touch(one: Sequence[int], other: Sequence[int], gap: int = 2) -> bool:
    return all(one[axis] < other[axis + 2] + gap and other[axis] < one[axis + 2] + gap for axis in (0, 1))


def _colour(ground: Array, random: np.random.Generator) -> Array:
    """A colour that stands out: at least 70 levels lighter or darker than the ground."""
    while True:
        colour = random.uniform(0, 256, 3)
        if abs(float(colour.mean() - ground.mean())) >= 70:
            return np.asarray(colour)
