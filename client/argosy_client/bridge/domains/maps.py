# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Outputs that lie over a picture: a map for each class, or of how unusual each part is."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_client.bridge.domains.views import View, view_of
from argosy_client.bridge.graph import Value
from argosy_client.bridge.parts import Finder, Part
from argosy_client.bridge.plan import Facts

#: As many classes as a mask can tell apart.
_MOST_CLASSES = 256
_HEAT = ("heat", "anomal", "distance", "defect")
_INNER = ("feature", "hidden", "embed")
_PICTURE = ("recon", "decod", "restor", "image")


def _segments(facts: Facts) -> Part | str | None:
    view, told = view_of(facts), facts.told("Segment")
    for value in facts.graph.outputs:
        array = facts.given(value)
        if value.name in facts.taken or array.ndim not in (3, 4):
            continue
        if array.ndim == 3 and array.dtype.kind in "iu" and view.covered(*array.shape[1:]):
            return _segment_part(facts, value, int(array.max()) + 1, {"output": value.name}, "the class of each pixel")
        layout = _layout(array, view) if array.ndim == 4 and value.datatype.startswith("FP") else ""
        if not layout:
            continue
        maps = array if layout == "NCHW" else array.transpose(0, 3, 1, 2)
        classes = maps.shape[1]
        if not told and (value.named(*_INNER) or (classes == 1 and value.named(*_HEAT))):
            continue
        if not told and _is_picture(facts, value, maps, view):
            return f"output '{value.name}' has the shape of the picture itself, which no typed method returns"
        section = {"output": value.name, "layout": layout, "activation": _activation(facts, value, maps)}
        what = "one map" if classes == 1 else f"{classes} maps, one for each class"
        return _segment_part(facts, value, max(classes, 2), section, what)
    return None


def _segment_part(facts: Facts, value: Value, classes: int, section: dict[str, Any], what: str) -> Part:
    labels, notes = facts.companions.labels, []
    if "activation" not in section and len(labels) >= classes:  # the sample need not show all of them
        classes = len(labels)
    if len(labels) == classes:
        section |= {"class_labels": list(labels)}
    else:
        notes.append(
            f"the {classes} classes of '{value.name}' have no names: put them into vision.segment.class_labels"
        )
        section |= {"class_labels": [str(number) for number in range(classes)]} if labels else {}
    if what == "one map":
        notes.append(f"'{value.name}' could also be a map of what is unusual: then say --method Inspect")
    comments = {"vision.segment.activation": "what makes scores of the maps, by what the graph gave for the samples"}
    why = f"output '{value.name}' holds {what} over the picture"
    return Part(("Segment",), why, (value.name,), {"segment": section}, comments, notes=tuple(notes))


def _heat(facts: Facts) -> Part | str | None:
    view = view_of(facts)
    for value in facts.free(3, 4):
        array = facts.given(value)
        told = facts.told("Inspect")
        if array.ndim == 4 and (array.shape[1] != 1 or not (told or value.named(*_HEAT))):
            continue
        if not view.covered(*array.shape[-2:]) or (not told and value.named(*_INNER, "attention")):
            continue
        threshold = float(f"{float(array.max()):.4g}")
        rows, columns = array.shape[-2:]
        return Part(
            ("Inspect",),
            f"output '{value.name}' is a map of {rows} x {columns} parts of the picture",
            (value.name,),
            {"inspect": {"output": value.name, "threshold": threshold}},
            {
                "vision.inspect.threshold": "GUESSED: the largest value that the samples gave; choose it on pictures "
                "without a fault"
            },
        )
    return None


def _layout(array: NDArray[Any], view: View) -> str:
    """The layout in which a map has the form of the picture; that of the larger map where both have."""
    fits = {
        "NCHW": array.shape[1] <= _MOST_CLASSES and view.covered(*array.shape[2:]),
        "NHWC": array.shape[3] <= _MOST_CLASSES and view.covered(*array.shape[1:3]),
    }
    if all(fits.values()):
        return "NCHW" if array.shape[2] >= array.shape[1] else "NHWC"
    return next((layout for layout, fitting in fits.items() if fitting), "")


def _is_picture(facts: Facts, value: Value, maps: NDArray[Any], view: View) -> bool:
    same = maps.shape[1:] == (view.channels, view.height, view.width)
    named = len(facts.companions.labels) == max(maps.shape[1], 2)
    return same and not named and (maps.shape[1] == 3 or value.named(*_PICTURE))


def _activation(facts: Facts, value: Value, maps: NDArray[Any]) -> str:
    inside = bool(maps.min() >= -1e-6 and maps.max() <= 1 + 1e-6)
    if maps.shape[1] == 1:
        return "none" if inside else "sigmoid"
    scores = inside and (np.allclose(maps.sum(axis=1), 1, atol=1e-3) or facts.graph.makers[value.name] == "Sigmoid")
    return "none" if scores else "softmax"


FINDERS = (
    Finder(
        ("Segment",), "an output of maps over the picture [batch, classes, height, width], or of classes", _segments
    ),
    Finder(("Inspect",), "an output [batch, rows, columns] over the picture", _heat),
)
