# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about images through both clients: what is sent, and how answers are read."""

from typing import Any

import numpy as np
import pytest
from argosy.common.v1 import explanation_pb2
from argosy.vision.v1 import vision_pb2
from argosy_client import ArgosyError, Box

from tests.unit.client.conftest import Ask
from tests.unit.client.fake_fleet import FakeFleet
from tests.unit.client.fake_vision import PICTURE

DETECT = "/argosy.vision.v1.VisionService/Detect"
SEGMENT = "/argosy.vision.v1.VisionService/Segment"


async def test_objects_are_read_with_box_and_label(ask: Ask, fleet: FakeFleet) -> None:
    one = await ask(lambda client: client.vision.detect(b"png", min_score=0.25, max_detections=7, model="digits"))
    many = await ask(lambda client: client.vision.detect([b"png", b"png"]))

    assert (one.width, one.height, len(one), one.model, one.version) == (5, 4, 1, "digits", "3")
    assert [(each.box, each.label.label) for each in one] == [(Box(1, 2, 3.5, 4), "seven")]
    assert len(many) == 2
    first, last = fleet.asked[-2].request, fleet.last.request
    assert (first.min_score, first.max_detections, first.model) == (0.25, 7, "digits")
    assert not last.HasField("min_score")


async def test_a_mask_is_put_together_from_the_runs_of_all_segments(ask: Ask, fleet: FakeFleet) -> None:
    result = await ask(lambda client: client.vision.segment(b"png"))

    assert result.mask.dtype == np.uint8
    assert result.mask.tolist() == [[1, 7, 7], [7, 1, 7]]
    assert [(each.label.label, each.pixel_count) for each in result.segments] == [("seven", 4), ("one", 2)]
    assert fleet.last.request.mask_format == vision_pb2.MASK_FORMAT_RUN_LENGTHS


async def test_a_verdict_has_a_heatmap_and_a_picture_where_one_is_wanted(ask: Ask, fleet: FakeFleet) -> None:
    plain = await ask(lambda client: client.vision.inspect(b"png"))
    drawn = await ask(lambda client: client.vision.inspect([b"png"], picture=True))

    assert (plain.score, plain.threshold, plain.defective, plain.picture) == (2.5, 2, True, None)
    assert plain.heatmap.tolist() == [[0, 0.25, 0], [0.5, 0, -1]]
    assert plain.regions == (Box(1, 2, 3.5, 4),)
    assert drawn[0].picture == PICTURE


async def test_two_images_are_compared(ask: Ask, fleet: FakeFleet) -> None:
    result = await ask(lambda client: client.vision.compare(b"one", np.zeros((2, 2), np.uint8)))

    assert (result.similarity, result.threshold, result.same) == (0.75, 0.5, True)
    assert fleet.last.request.first.encoded == b"one"
    assert fleet.last.request.second.raw.width == 2


async def test_an_explanation_is_asked_for_and_read(ask: Ask, fleet: FakeFleet) -> None:
    result = await ask(
        lambda client: client.vision.explain(
            b"png", target="seven", method="rise", grid_size=4, max_evaluations=9, seed=-3, picture=True
        )
    )

    assert result.heatmap.shape == (2, 3)
    assert (result.summary.target, result.summary.fidelity, result.summary.additivity_gap) == ("seven", 0.5, None)
    assert result.summary.rendering.data == PICTURE
    request = fleet.last.request
    assert (request.grid_size, request.options.method, request.options.seed) == (4, "rise", -3)
    assert request.options.rendering == explanation_pb2.RENDERING_FORMAT_PNG
    assert (await ask(lambda client: client.vision.explain(b"png"))).summary.rendering is None


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.vision.detect(b"png", min_score=1.5),
        lambda client: client.vision.detect(b"png", min_score=float("nan")),
        lambda client: client.vision.detect(b"png", max_detections=-1),
        lambda client: client.vision.explain(b"png", grid_size=-1),
        lambda client: client.vision.explain(b"png", max_evaluations=-1),
        lambda client: client.vision.explain(b"png", seed=2**63),
        lambda client: client.vision.compare(b"png", b""),
    ],
)
async def test_what_cannot_be_asked_is_refused_before_anything_is_sent(ask: Ask, fleet: FakeFleet, call: Any) -> None:
    with pytest.raises(ValueError, match=r"must be|no bytes"):
        await ask(call)
    assert not fleet.asked


@pytest.mark.parametrize(
    "segment",
    [
        vision_pb2.Segment(run_lengths=[0, 2**31 - 1]),
        vision_pb2.Segment(run_lengths=[-5, 3]),
        vision_pb2.Segment(run_lengths=[0, 1], label={"index": 256}),
    ],
)
async def test_a_mask_that_cannot_be_is_an_error_of_the_answer(ask: Ask, fleet: FakeFleet, segment: Any) -> None:
    image = vision_pb2.ImageSegmentation(segments=[segment], width=2, height=2)
    fleet.answers[SEGMENT] = vision_pb2.SegmentResponse(results=[image])
    with pytest.raises(ArgosyError, match="mask"):
        await ask(lambda client: client.vision.segment(b"png"))


async def test_too_few_results_are_an_error(ask: Ask, fleet: FakeFleet) -> None:
    fleet.drop_results = True
    with pytest.raises(ArgosyError, match="sent 1 results for 2 items"):
        await ask(lambda client: client.vision.detect([b"png", b"png"]))
