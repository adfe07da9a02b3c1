# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Vision: maps of classes to masks of the image, and maps of the unusual to verdicts."""

from typing import Any

import cv2
import numpy as np
import pytest
from argosy.common.v1.explanation_pb2 import RENDERING_FORMAT_PNG, RENDERING_FORMAT_SVG
from argosy.vision.v1 import vision_pb2 as pb
from argosy_worker.domains.vision import requests
from argosy_worker.domains.vision import segments as reading
from argosy_worker.domains.vision.service import DOMAIN, inspect, segment
from argosy_worker.errors import EngineFault

from tests.unit.worker.domains.fakes import FakeCall, assert_invalid, fake_call, loaded, refusal

SIDE = 8
#: The class of each quarter of the input.
QUARTERS = np.kron(np.array([[0, 1], [2, 1]]), np.ones((4, 4), int))


def model(method: str, output: Any, form: dict[str, Any], **section: Any) -> FakeCall:
    key = method.lower()
    vision = {"input": "x", "width": SIDE, "height": SIDE, key: {"output": "y"} | form} | section
    kind = "INT64" if output.dtype.kind == "i" else "FP32"
    config = {"methods": [method], "max_items": 40, "vision": vision}
    graph = loaded(config, {"x": (-1, SIDE, SIDE, 3)}, {"y": (kind, (-1, *output.shape))}, ["sky", "sea", "sun"])
    return fake_call(DOMAIN, graph, lambda inputs: {"y": np.repeat(output[None], len(inputs["x"]), axis=0)})


def maps(*, layout: str = "NCHW") -> Any:
    logits = np.where(QUARTERS[None] == np.arange(3)[:, None, None], 2.0, 0.0).astype(np.float32)
    return logits if layout == "NCHW" else logits.transpose(1, 2, 0)


def image(width: int = SIDE, height: int = SIDE) -> pb.Image:
    return pb.Image(raw=pb.RawImage(data=bytes(width * height), width=width, height=height, channels=1))


def mask(result: pb.ImageSegmentation) -> Any:
    return cv2.imdecode(np.frombuffer(result.png, np.uint8), cv2.IMREAD_UNCHANGED)


def from_runs(result: pb.ImageSegmentation) -> Any:
    """The mask that the run lengths of all segments make; -1 where there is none."""
    whole = np.full(result.width * result.height, -1)
    for part in result.segments:
        inside = np.arange(len(part.run_lengths)) % 2 == 1
        pixels = np.repeat(inside, part.run_lengths)
        assert pixels.sum() == part.pixel_count
        assert len(pixels) == len(whole)
        whole[pixels] = part.label.index
    return whole.reshape(result.height, result.width)


async def segments(call: FakeCall, *images: pb.Image, **fields: Any) -> list[pb.ImageSegmentation]:
    return list((await segment(pb.SegmentRequest(images=images or [image()], **fields), call)).results)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
async def test_every_pixel_gets_its_best_class_and_segments_come_by_size(layout: str) -> None:
    call = model("Segment", maps(layout=layout), {"layout": layout, "activation": "softmax"})
    (result,) = await segments(call)
    np.testing.assert_array_equal(mask(result), QUARTERS)
    expected = float(np.exp(2) / (np.exp(2) + 2))
    assert [(one.label.label, one.label.index, one.pixel_count) for one in result.segments] == [
        ("sea", 1, 32),
        ("sky", 0, 16),
        ("sun", 2, 16),
    ]
    assert [one.label.score for one in result.segments] == pytest.approx([expected] * 3)


async def test_a_map_of_classes_is_taken_as_it_is() -> None:
    (result,) = await segments(model("Segment", QUARTERS, {}))
    np.testing.assert_array_equal(mask(result), QUARTERS)
    assert [one.label.score for one in result.segments] == [1, 1, 1]


async def test_a_single_map_is_that_of_the_second_of_two_classes() -> None:
    single = np.where(QUARTERS == 1, 3.0, -3.0).astype(np.float32)[None]
    (result,) = await segments(model("Segment", single, {"activation": "sigmoid", "class_labels": ["off", "on"]}))
    np.testing.assert_array_equal(mask(result), QUARTERS == 1)
    assert {one.label.label for one in result.segments} == {"off", "on"}


async def test_masks_have_the_size_of_each_image_and_both_formats_agree() -> None:
    images = [image(16, 4), image(1, 1), image(30, 17), image(3, 5)]
    for resize in ("stretch", "letterbox"):
        call = model("Segment", maps(), {}, resize=resize)
        drawn = await segments(call, *images)
        counted = await segments(call, *images, mask_format=pb.MASK_FORMAT_RUN_LENGTHS)
        for one, other, sent in zip(drawn, counted, images, strict=True):
            assert mask(one).shape == (one.height, one.width) == (sent.raw.height, sent.raw.width)
            np.testing.assert_array_equal(from_runs(other), mask(one))
            assert not other.png
            assert not any(part.run_lengths for part in one.segments)


async def test_the_letterbox_is_undone() -> None:
    # 16 x 4 fills rows 3 and 4 of the input: the last of the upper quarters and the first of the lower ones.
    (result,) = await segments(model("Segment", maps(), {}, resize="letterbox"), image(16, 4))
    assert mask(result).tolist() == [[0] * 8 + [1] * 8] * 2 + [[2] * 8 + [1] * 8] * 2


async def test_runs_begin_with_outside_and_cover_the_image() -> None:
    (result,) = await segments(model("Segment", QUARTERS, {}), mask_format=pb.MASK_FORMAT_RUN_LENGTHS)
    lengths = {one.label.index: list(one.run_lengths) for one in result.segments}
    assert lengths[0] == [0, 4, 4, 4, 4, 4, 4, 4, 36]
    assert lengths[1] == [4, 4] * 8


@pytest.mark.parametrize("output", [np.full((SIDE, SIDE), 256), np.full((SIDE, SIDE), -1)])
async def test_classes_beyond_eight_bits_are_a_fault_of_the_engine(output: Any) -> None:
    with pytest.raises(EngineFault):
        await segments(model("Segment", output, {}))


async def test_masks_that_are_too_much_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "MOST_MASK_PIXELS", 100)
    call = model("Segment", maps(), {})
    assert len(await segments(call, image(10, 10))) == 1
    assert (await refusal(segments(call, image(10, 10), image(1, 1)))).reason == "IMAGES_TOO_LARGE"
    assert (await refusal(segments(call, mask_format=9))).reason == "MASK_FORMAT_UNKNOWN"


async def test_an_image_of_endless_width_is_refused_before_it_is_decoded() -> None:
    call = model("Segment", maps(), {})
    error = await refusal(segments(call, image(), image(65_536, 1)))
    assert (error.reason, error.metadata["index"]) == ("IMAGE_TOO_LONG", "1")
    assert not call.payloads
    assert len(await segments(call, image(65_535, 1))) == 1


async def test_too_many_run_lengths_are_refused_with_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_RUN_LENGTHS", 40)
    call, form = model("Segment", QUARTERS, {}), pb.MASK_FORMAT_RUN_LENGTHS
    assert len(await segments(call, mask_format=form)) == 1
    error = await refusal(segments(call, image(), image(), mask_format=form))
    assert error.reason == "MASK_TOO_DETAILED"
    assert "MASK_FORMAT_PNG" in error.message
    assert len(await segments(call, image(), image())) == 2


@pytest.mark.parametrize("output", [np.zeros((3, 0, 4), np.float32), np.zeros((0, 4), int)])
async def test_an_empty_map_is_a_fault_of_the_engine(output: Any) -> None:
    with pytest.raises(EngineFault):
        await segments(model("Segment", output, {}))
    if output.ndim == 2:
        with pytest.raises(EngineFault):
            await verdicts(model("Inspect", output.astype(np.float32), {"threshold": 1.0}))


@pytest.mark.parametrize(
    ("output", "form", "section", "part"),
    [
        (maps(), {"class_labels": ["a"]}, {}, "has 3 classes, and 1 labels are named"),
        (np.zeros((300, 2, 2), np.float32), {}, {}, "has 300 classes"),
        (np.zeros((2, 2), np.float32), {}, {}, "vision.segment.output"),
        (maps(), {"output": "z"}, {}, "the graph has no output 'z'"),
        (maps(), {}, {"resize": "center_crop"}, "vision.resize: 'center_crop' hides the margins"),
    ],
)
def test_a_model_of_segments_that_does_not_fit_is_refused(
    output: Any, form: dict[str, Any], section: dict[str, Any], part: str
) -> None:
    vision = {"input": "x", "width": SIDE, "height": SIDE, "segment": {"output": "y"} | form} | section
    graph = loaded({"methods": ["Segment"], "vision": vision}, {"x": (-1, 8, 8, 3)}, {"y": (-1, *output.shape)})
    assert_invalid(DOMAIN, graph, part)


def heat(*, batched: bool = False) -> Any:
    """4 x 4 cells, two of which are unusual."""
    found = np.zeros((4, 4), np.float32)
    found[0, 1], found[0, 2], found[3, 0] = 5.0, 6.0, 9.0
    return found[None] if batched else found


async def verdicts(call: FakeCall, *images: pb.Image, **fields: Any) -> list[pb.ImageInspection]:
    return list((await inspect(pb.InspectRequest(images=images or [image()], **fields), call)).results)


@pytest.mark.parametrize("batched", [False, True])
async def test_a_defect_is_scored_placed_and_bounded(batched: bool) -> None:
    call = model("Inspect", heat(batched=batched), {"threshold": 5.0})
    (result,) = await verdicts(call, image(40, 80))
    assert (result.score, result.threshold, result.defective) == (9.0, 5.0, True)
    assert [(one.x_min, one.y_min, one.x_max, one.y_max) for one in result.regions] == [
        (0, 60, 10, 80),
        (10, 0, 30, 20),
    ]
    assert list(result.heatmap.shape) == [4, 4]
    np.testing.assert_array_equal(np.frombuffer(result.heatmap.data, "<f4").reshape(4, 4), heat())
    assert not result.HasField("rendering")


async def test_a_faultless_image_has_no_regions() -> None:
    (result,) = await verdicts(model("Inspect", heat(), {"threshold": 9.5}))
    assert (result.defective, list(result.regions)) == (False, [])


async def test_a_map_over_a_letterbox_is_that_of_the_image_alone() -> None:
    # The image fills the two rows in the middle of the map, where nothing is unusual.
    (result,) = await verdicts(model("Inspect", heat(), {"threshold": 5.0}, resize="letterbox"), image(16, 8))
    assert (result.score, result.defective) == (0.0, False)


async def test_a_picture_shows_the_defect_over_the_image() -> None:
    call = model("Inspect", heat(), {"threshold": 5.0})
    (result,) = await verdicts(call, image(400, 400), rendering=RENDERING_FORMAT_PNG)
    assert result.rendering.media_type == "image/png"
    drawn = cv2.imdecode(np.frombuffer(result.rendering.data, np.uint8), cv2.IMREAD_COLOR)
    assert drawn.shape == (400, 400, 3)
    assert drawn[350:, :50, 2].mean() > 100
    assert drawn[200, 200].max() == 0


async def test_pictures_are_png_and_not_too_many() -> None:
    call = model("Inspect", heat(), {"threshold": 5.0})
    assert (await refusal(verdicts(call, rendering=RENDERING_FORMAT_SVG))).reason == "RENDERING_UNSUPPORTED"
    many = [image()] * 17
    assert (await refusal(verdicts(call, *many, rendering=RENDERING_FORMAT_PNG))).reason == "TOO_MANY_PICTURES"
    assert len(await verdicts(call, *many)) == 17


@pytest.mark.parametrize(
    ("shape", "threshold", "part"),
    [((-1, 9), 1.0, "vision.inspect.output"), ((-1, 3, 4, 4), 1.0, "vision.inspect.output"),
     ((-1, 4, 4), float("nan"), "vision.inspect.threshold: must be finite")],
)  # fmt: skip
def test_an_inspector_that_does_not_fit_is_refused(shape: tuple[int, ...], threshold: float, part: str) -> None:
    vision = {"input": "x", "width": SIDE, "height": SIDE, "inspect": {"output": "y", "threshold": threshold}}
    graph = loaded({"methods": ["Inspect"], "vision": vision}, {"x": (-1, 8, 8, 3)}, {"y": shape})
    assert_invalid(DOMAIN, graph, part)
