# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Pictures of brushed metal under a lamp, without and with defects: scratches, pits, stains and dents."""

import cv2
import numpy as np
from common import Array

SIDE = 96
DEFECTS = ["scratch", "pit", "stain", "dent"]
#: From how much of the strongest change of a defect on a pixel belongs to it.
_INSIDE = 0.3


def draw_surface(random: np.random.Generator) -> Array:
    """A faultless surface, float64 [96, 96] in about 0..255."""
    noise = random.normal(0, 1, (SIDE, SIDE + 80))
    length = random.uniform(8, 20)
    brush = np.exp(-0.5 * (np.arange(-40, 41) / length) ** 2)
    grain = np.stack([np.convolve(row, brush / np.linalg.norm(brush), mode="valid") for row in noise])
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] / SIDE - 0.5
    angle = random.uniform(0, 2 * np.pi)
    lamp = random.uniform(0, 40) * (np.cos(angle) * columns + np.sin(angle) * rows)
    fine = random.normal(0, random.uniform(1, 3), (SIDE, SIDE))
    return np.asarray(random.uniform(90, 160) + lamp + random.uniform(6, 11) * grain + fine)


def damage(surface: Array, kind: str, random: np.random.Generator) -> tuple[Array, Array]:
    """The surface with one defect, and where it is, bool [96, 96]."""
    shape = {"scratch": _scratch, "pit": _pit, "stain": _stain, "dent": _dent}[kind](random)
    sign = -1.0 if kind in ("pit", "stain") or random.random() < 0.5 else 1.0
    strength = {"scratch": (14, 45), "pit": (20, 60), "stain": (10, 28), "dent": (12, 40)}[kind]
    change = sign * random.uniform(*strength) * shape
    return surface + change, np.abs(shape) > _INSIDE * np.abs(shape).max()


def finished(surface: Array) -> Array:
    """Whole grey levels, uint8."""
    return np.clip(np.rint(surface), 0, 255).astype(np.uint8)


def _scratch(random: np.random.Generator) -> Array:
    start = random.uniform(15, SIDE - 15, 2)
    turn = random.uniform(0.35, np.pi - 0.35)  # along the brush it would be one more line of it
    end = start + random.uniform(14, 34) * np.array([np.cos(turn), np.sin(turn)])
    canvas = np.zeros((SIDE * 4, SIDE * 4), np.uint8)
    points = np.rint(np.stack([start, end]) * 4).astype(np.int32)
    cv2.line(canvas, points[0].tolist(), points[1].tolist(), 255, int(random.integers(4, 8)))
    return np.asarray(cv2.resize(canvas, (SIDE, SIDE), interpolation=cv2.INTER_AREA)) / 255.0


def _pit(random: np.random.Generator) -> Array:
    return _spot(random, random.uniform(1.2, 2.5), 1.0)


def _stain(random: np.random.Generator) -> Array:
    spot = _spot(random, random.uniform(5, 9), random.uniform(0.6, 1.6))
    return np.asarray(1 / (1 + np.exp(-(spot - 0.5) * 14)))


def _dent(random: np.random.Generator) -> Array:
    """Light on one side, shade on the other."""
    spot = _spot(random, random.uniform(3, 6), 1.0)
    slope = np.gradient(spot, axis=0)
    return np.asarray(slope / np.abs(slope).max())


def _spot(random: np.random.Generator, size: float, stretch: float) -> Array:
    """A soft spot whose middle is 1."""
    across, down = random.uniform(12, SIDE - 12, 2)
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] + 0.5
    distance = ((columns - across) / (size * stretch)) ** 2 + ((rows - down) / (size / stretch)) ** 2
    return np.asarray(np.exp(-0.5 * distance))
