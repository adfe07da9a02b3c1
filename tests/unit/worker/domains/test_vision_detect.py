# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Vision: detectors of both layouts, to boxes in pixels of the image as it was sent."""

import time
from typing import Any

import numpy as np
import pytest
from argosy.vision.v1 import vision_pb2 as pb
from argosy_worker.domains.vision.detections import Boxes, without_overlaps
from argosy_worker.domains.vision.service import DOMAIN, detect
from argosy_worker.errors import EngineFault

from tests.unit.worker.domains.fakes import FakeCall, assert_invalid, fake_call, loaded, refusal

SIDE = 100
SIFTED = {"boxes": "b", "labels": "l", "scores": "s"}


def graph(detect: dict[str, Any], outputs: dict[str, Any], labels: list[str] | None = None, **section: Any) -> Any:
    vision = {"input": "x", "width": SIDE, "height": SIDE, "detect": detect} | section
    return loaded({"methods": ["Detect"], "vision": vision}, {"x": (-1, SIDE, SIDE, 3)}, outputs, labels or [])


def candidates(
    columns: list[list[float]], detect: dict[str, Any] | None = None, classes: int = 2, **section: Any
) -> FakeCall:
    """A model that answers every image with the same candidates: centre x and y, width, height, and class scores."""
    array = np.array(columns, np.float32).reshape(-1, 4 + classes).T[None]
    made = graph({"candidates": "c"} | (detect or {}), {"c": (-1, 4 + classes, -1)}, **section)
    return fake_call(DOMAIN, made, lambda inputs: {"c": np.repeat(array, len(inputs["x"]), axis=0)})


def sifted(detect: dict[str, Any] | None = None, **outputs: Any) -> FakeCall:
    kinds = {name: "INT64" if array.dtype.kind == "i" else "FP32" for name, array in outputs.items()}
    specs = {name: (kinds[name], (-1, *array.shape[1:])) for name, array in outputs.items()}
    made = graph({"sifted": SIFTED, "box_format": "corners"} | (detect or {}), specs, ["cat", "dog"])
    return fake_call(DOMAIN, made, dict(outputs))


def image(width: int = SIDE, height: int = SIDE) -> pb.Image:
    return pb.Image(raw=pb.RawImage(data=bytes(width * height), width=width, height=height, channels=1))


async def found(call: FakeCall, *images: pb.Image, **fields: Any) -> list[list[tuple[list[float], str, float]]]:
    response = await detect(pb.DetectRequest(images=images or [image()], **fields), call)
    return [
        [
            ([each.box.x_min, each.box.y_min, each.box.x_max, each.box.y_max], each.label.label, each.label.score)
            for each in result.detections
        ]
        for result in response.results
    ]


async def test_centres_and_sizes_become_corners_with_the_best_class() -> None:
    call = candidates([[50, 40, 20, 10, 0.25, 0.75]], labels=["cat", "dog"])
    ((one,),) = await found(call)
    assert one == ([40, 35, 60, 45], "dog", 0.75)


async def test_corners_fractions_and_sigmoid_are_as_declared() -> None:
    detect = {"box_format": "corners", "box_unit": "fraction", "activation": "sigmoid"}
    ((one,),) = await found(candidates([[0.1, 0.2, 0.5, 0.75, 0.0, -9.0]], detect))
    assert one[0] == pytest.approx([10, 20, 50, 75], abs=1e-4)
    assert one[1:] == ("0", 0.5)


async def test_of_boxes_that_overlap_the_best_of_each_class_stays() -> None:
    columns = [
        [50, 50, 20, 20, 0.6, 0.0],
        [52, 50, 20, 20, 0.9, 0.0],
        [51, 50, 20, 20, 0.0, 0.8],
        [80, 50, 20, 20, 0.5, 0.0],
    ]
    (those,) = await found(candidates(columns))
    assert [(box[0], label, pytest.approx(score)) for box, label, score in those] == [
        (42, "0", 0.9),
        (41, "1", 0.8),
        (70, "0", 0.5),
    ]


@pytest.mark.parametrize(("max_overlap", "count"), [(0.32, 2), (0.34, 1 + 1), (0.33, 1)])
async def test_overlap_is_intersection_over_union(max_overlap: float, count: int) -> None:
    # Two squares of which half is shared: a third of their union.
    call = candidates([[20, 20, 20, 20, 0.9, 0], [30, 20, 20, 20, 0.8, 0]], {"max_overlap": max_overlap})
    (those,) = await found(call)
    assert len(those) == (2 if max_overlap > 1 / 3 else 1)


async def test_stretching_and_letterboxes_are_undone_for_each_image_of_a_request() -> None:
    column = [[50, 50, 40, 20, 0.9, 0]]
    wide, tall, small = image(200, 50), image(50, 200), image(10, 10)
    stretched = await found(candidates(column, resize="stretch"), wide, tall, small)
    assert [one[0][0] for one in stretched] == [[60, 20, 140, 30], [15, 80, 35, 120], [3, 4, 7, 6]]
    # 200 x 50 fills 100 x 25 of the input, from row 37 on.
    boxed = await found(candidates(column, resize="letterbox"), wide, small)
    assert boxed[0][0][0] == pytest.approx([60, 6, 140, 46])
    assert boxed[1][0][0] == pytest.approx([3, 4, 7, 6])
    cut = await found(candidates(column, resize="center_crop"), wide)
    assert cut[0][0][0] == pytest.approx([90, 20, 110, 30])


async def test_boxes_end_at_the_image_and_empty_ones_are_left_out() -> None:
    columns = [[0, 0, 50, 50, 0.9, 0], [50, 50, 0, 10, 0.8, 0], [300, 300, 10, 10, 0.7, 0], [50, 50, -5, 5, 0.7, 0]]
    (those,) = await found(candidates(columns))
    assert [box for box, *_ in those] == [[0, 0, 25, 25]]


async def test_requests_choose_score_and_number_within_the_models_limits() -> None:
    call = candidates([[10 * n + 5, 50, 8, 8, 0.05 * (n + 1), 0] for n in range(9)], {"max_detections": 4})
    assert len((await found(call))[0]) == 4
    assert len((await found(call, min_score=0.0))[0]) == 4
    assert [score for *_, score in (await found(call, min_score=0.4, max_detections=9))[0]] == pytest.approx(
        [0.45, 0.4]
    )
    assert len((await found(call, max_detections=1))[0]) == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"min_score": 1.5}, "MIN_SCORE_OUT_OF_RANGE"),
        ({"min_score": -0.1}, "MIN_SCORE_OUT_OF_RANGE"),
        ({"min_score": float("nan")}, "MIN_SCORE_OUT_OF_RANGE"),
        ({"max_detections": -1}, "MAX_DETECTIONS_NEGATIVE"),
    ],
)
async def test_limits_that_cannot_be_are_refused(fields: dict[str, Any], reason: str) -> None:
    call = candidates([])
    assert (await refusal(found(call, **fields))).reason == reason
    assert not call.ran


async def test_a_graph_that_sifts_by_itself_is_read_as_it_is() -> None:
    boxes = np.array([[[10, 10, 30, 30], [11, 10, 30, 30], [0, 0, 0, 0]]], np.float32)
    outputs = {"b": boxes, "l": np.array([[1, 0, -1]]), "s": np.array([[0.9, 0.8, 0.7]], np.float32)}
    (those,) = await found(sifted(**outputs))
    assert [(box, label) for box, label, _ in those] == [([10, 10, 30, 30], "dog"), ([11, 10, 30, 30], "cat")]
    assert len((await found(sifted(**outputs), max_detections=1))[0]) == 1


@pytest.mark.parametrize("counts", [np.array([1]), np.array([[1]]), np.array([1.0], np.float32)])
async def test_counts_say_how_many_of_the_sifted_ones_are_real(counts: Any) -> None:
    boxes = np.array([[[10, 10, 30, 30], [50, 50, 60, 60]]], np.float32)
    call = sifted(
        {"sifted": SIFTED | {"counts": "n"}},
        b=boxes,
        l=np.array([[1.0, 0.0]], np.float32),
        s=np.array([[0.9, 0.8]], np.float32),
        n=counts,
    )
    assert [label for _, label, _ in (await found(call))[0]] == ["dog"]


async def test_an_output_that_is_not_a_number_is_a_fault_of_the_engine() -> None:
    with pytest.raises(EngineFault):
        await found(candidates([[float("nan"), 1, 1, 1, 0.9, 0]]))


async def test_as_many_candidates_as_may_be_take_little_time() -> None:
    random = np.random.default_rng(0)
    columns = np.concatenate([random.uniform(0, 100, (20_000, 2)), np.full((20_000, 2), 30.0)], axis=1)
    scored = np.concatenate([columns, random.uniform(0.5, 1, (20_000, 80))], axis=1)
    call = candidates(scored.tolist(), {"max_overlap": 1.0, "max_candidates": 10_000}, classes=80)
    started = time.thread_time()
    assert len((await found(call))[0]) == 100
    assert time.thread_time() - started < 2


def test_overlaps_are_dropped_as_pair_by_pair() -> None:
    random = np.random.default_rng(4)
    low = random.uniform(0, 60, (300, 2))
    boxes = Boxes(
        np.concatenate([low, low + random.uniform(5, 40, (300, 2))], axis=1),
        random.integers(0, 3, 300),
        -np.sort(-random.random(300)),
    )

    def overlap(one: Any, other: Any) -> float:
        shared = np.clip(np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2]), 0, None).prod()
        return float(shared / ((one[2:] - one[:2]).prod() + (other[2:] - other[:2]).prod() - shared))

    kept: list[int] = []
    for n in range(300):
        rivals = [k for k in kept if boxes.classes[k] == boxes.classes[n]]
        if all(overlap(boxes.corners[k], boxes.corners[n]) <= 0.4 for k in rivals):
            kept.append(n)
    assert without_overlaps(boxes, 0.4, 300).tolist() == kept


@pytest.mark.parametrize(
    ("detect", "outputs", "part"),
    [
        ({"candidates": "c"}, {"c": (-1, 6)}, "vision.detect.candidates"),
        ({"candidates": "z"}, {"c": (-1, 6, 9)}, "vision.detect.candidates: the graph has no output 'z'"),
        ({"candidates": "c"}, {"c": (-1, 4, 9)}, "has 4 rows; it must have at least 5"),
        ({"candidates": "c", "class_labels": ["a"]}, {"c": (-1, 6, 9)}, "has 6 rows; it must have 5"),
        ({"sifted": SIFTED}, {"b": (-1, 9, 5), "l": (-1, 9), "s": (-1, 9)}, "vision.detect.sifted.boxes"),
        ({"sifted": SIFTED}, {"b": (-1, 9, 4), "l": ("BOOL", (-1, 9)), "s": (-1, 9)}, "vision.detect.sifted.labels"),
        (
            {"sifted": SIFTED | {"counts": "n"}},
            {"b": (-1, 9, 4), "l": (-1, 9), "s": (-1, 9), "n": (-1, 2)},
            "vision.detect.sifted.counts",
        ),
    ],
)
def test_a_detector_that_does_not_fit_its_graph_is_refused(
    detect: dict[str, Any], outputs: dict[str, Any], part: str
) -> None:
    assert_invalid(DOMAIN, graph(detect, outputs), part)


@pytest.mark.parametrize("detect", [{}, {"candidates": "c", "sifted": SIFTED}])
def test_exactly_one_layout_is_declared(detect: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="set one of candidates and sifted"):
        graph(detect, {"c": (-1, 6, 9)})
