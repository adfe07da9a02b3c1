# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Outputs of a detector: all candidates in one tensor, or boxes, labels and scores that the graph has sifted."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_client.bridge.domains.views import view_of
from argosy_client.bridge.graph import Value
from argosy_client.bridge.parts import Finder, Part
from argosy_client.bridge.plan import Facts

_LABELS = ("label", "class", "cls", "categor")
_SCORES = ("score", "conf", "prob")
_INNER = ("hidden", "embed", "feature", "token")
_HINTS = ("detect", "box", "pred", "output", "candidate")
#: Numbers of a box.
_BOX = 4
#: Boxes of a picture from which on their form can be told by their numbers.
_MANY = 8
_UNNAMED = "the classes have no names: put them into labels.txt beside the graph, one a line"


def _sifted(facts: Facts) -> Part | str | None:
    boxes = next((one for one in facts.free(3) if facts.width(one) == _BOX and not one.named(*_INNER)), None)
    if boxes is None:
        return _in_one(facts)
    count = facts.given(boxes).shape[:2]
    rows = [
        one for one in facts.graph.outputs if facts.given(one).shape == count and facts.given(one).dtype.kind in "iuf"
    ]
    whole = [one for one in rows if facts.given(one).dtype.kind in "iu"]
    known = [one for one in rows if one.named(*_LABELS) and not one.named(*_SCORES)]
    labels = next(iter([one for one in whole if one in known] or whole or known), None)
    scores = [one for one in rows if one is not labels and one.datatype.startswith("FP")]
    named = [one for one in scores if one.named(*_SCORES)] or scores
    if labels is None or not named:
        if not facts.told("Detect") and not boxes.named("box"):
            return None
        lacks = "scores and labels" if not named else "labels"
        return (
            f"output '{boxes.name}' looks like boxes, and there are no {lacks} of the shape [batch, {count[1]}]: take "
            "the greatest score of each box and its class inside the graph, or export without what sifts them"
        )
    counts = next((one for one in facts.graph.outputs if _is_count(facts, one, count[0])), None)
    sifted = {"boxes": boxes.name, "labels": labels.name, "scores": named[0].name}
    sifted |= {"counts": counts.name} if counts is not None else {}
    why = f"outputs '{boxes.name}', '{labels.name}' and '{named[0].name}' hold {count[1]} boxes, sifted by the graph"
    rest = next((one for one in facts.free(3) if one is not boxes and _is_candidates(facts, one)), None)
    notes = (
        () if rest is None else (f"'{rest.name}' looks like all candidates: vision.detect.candidates could read it",)
    )
    return _part(facts, why, {"sifted": sifted}, facts.given(boxes), tuple(sifted.values()), 0, notes)


def _candidates(facts: Facts) -> Part | str | None:
    value = next((one for one in facts.free(3) if _is_candidates(facts, one)), None)
    if value is None:
        turned = next((one for one in facts.free(3) if _is_transposed(facts, one)), None)
        if turned is None:
            return None
        return (
            f"output '{turned.name}' has a row of {facts.width(turned)} numbers for each candidate; what is read is "
            "[batch, 4 + classes, candidates]: transpose it (1, 2) before the export, and multiply an objectness, as "
            "YOLOv5 has it, into the scores"
        )
    array = facts.given(value)
    if not array.size:
        return facts.nothing(value)
    classes, scores = array.shape[1] - _BOX, array[:, _BOX:]
    inside = bool(scores.min() >= -1e-6 and scores.max() <= 1 + 1e-6)
    section = {"candidates": value.name, "activation": "none" if inside else "sigmoid"}
    why = (
        f"output '{value.name}' has 4 numbers of a box and {classes} of classes for each of {array.shape[2]} candidates"
    )
    return _part(facts, why, section, array[:, :_BOX].transpose(0, 2, 1), (value.name,), classes, ())


def _part(
    facts: Facts,
    why: str,
    section: dict[str, Any],
    boxes: NDArray[Any],
    outputs: tuple[str, ...],
    classes: int,
    notes: tuple[str, ...],
) -> Part:
    labels = facts.companions.labels
    form = _form(boxes, sifted="sifted" in section)
    unit = "fraction" if boxes.any() and np.abs(boxes).max() <= 2 else "pixels"
    made: dict[str, Any] = {**section, "box_format": form, "box_unit": unit}
    if labels and classes in (0, len(labels)):
        made["class_labels"] = list(labels)
    else:
        notes += (_UNNAMED if not labels else f"{len(labels)} names for {classes} classes: labels.txt is not used",)
    comments = {
        "vision.detect.box_format": "GUESSED by the numbers of the samples: center (x, y, width, height) or corners",
        "vision.detect.box_unit": "GUESSED likewise: pixels of the input, or fraction of its width and height",
        "vision.detect.activation": "what makes scores of the classes' numbers",
    }
    return Part(("Detect",), why, outputs, {"detect": made}, comments, notes=notes)


def _form(boxes: NDArray[Any], *, sifted: bool) -> str:
    """Whether the third and fourth number are an edge or an extent: edges are never before the first two."""
    real = boxes[(boxes != 0).any(axis=2)]
    ordered = bool(((real[:, 2] >= real[:, 0]) & (real[:, 3] >= real[:, 1])).all())
    return "corners" if ordered and (sifted or len(real) >= _MANY) else "center"


def _is_candidates(facts: Facts, value: Value) -> bool:
    array = facts.given(value)
    rows, anchors = array.shape[1:]
    if rows <= _BOX or view_of(facts).covered(rows, anchors) or (value.named(*_INNER) and not facts.told("Detect")):
        return False
    labels = facts.companions.labels
    fixed = isinstance(facts.dims(value)[1], int)
    named = len(labels) == rows - _BOX
    return fixed and (named or (anchors > rows and bool((array[:, 2:_BOX] >= 0).all())))


def _is_transposed(facts: Facts, value: Value) -> bool:
    array = facts.given(value)
    rows, width = array.shape[1:]
    if value.named(*_INNER) or view_of(facts).covered(rows, width):
        return False
    named = len(facts.companions.labels) in (width - _BOX, width - _BOX - 1)
    return rows > width > _BOX and (named or value.named(*_HINTS)) and bool((array[..., 2:_BOX] >= 0).all())


def _in_one(facts: Facts) -> str | None:
    """Boxes with score and class in the same tensor, which no layout reads."""
    for value in facts.free(3):
        array = facts.given(value)
        if array.shape[2] in (6, 7) and (array[..., -1] == np.rint(array[..., -1])).all():
            return (
                f"output '{value.name}' has box, score and class of a detection in one row: give them out as three "
                "outputs, boxes [batch, n, 4], scores [batch, n] and labels [batch, n]"
            )
    return None


def _is_count(facts: Facts, value: Value, items: int) -> bool:
    return value.named("num", "count", "valid") and facts.given(value).shape in ((items,), (items, 1))


FINDERS = (
    Finder(("Detect",), "outputs of boxes [batch, n, 4], labels and scores [batch, n]", _sifted),
    Finder(("Detect",), "an output [batch, 4 + classes, candidates]", _candidates),
)
