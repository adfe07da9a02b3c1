# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about images through the whole fleet: what they answer, and how they are refused."""

import io
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import grpc
import numpy as np
import pytest
from argosy.common.v1.explanation_pb2 import RENDERING_FORMAT_SVG, ExplanationOptions
from argosy.vision.v1 import vision_pb2 as pb
from argosy_client import Argosy
from PIL import Image

from tests.e2e.requests import SEVEN, send_beside_good_ones
from tests.support.fleet import MODELS

SERVICE = "/argosy.vision.v1.VisionService"
SCENE = (MODELS / "vision/scenes/golden/scene.png").read_bytes()
SCRATCHED = (MODELS / "vision/inspection/golden/scratched.png").read_bytes()
GOOD = pb.Image(encoded=SEVEN)


def loaded(path: Path) -> ModuleType:
    """An example's module by its path."""
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[path.stem] = module  # where dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def turned(data: bytes) -> bytes:
    """The image turned to the left, and marked to be shown turned to the right."""
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.open(io.BytesIO(data)).transpose(Image.Transpose.ROTATE_90).save(file, "PNG", exif=exif)
    return file.getvalue()


def test_objects_have_the_same_places_however_the_image_is_stored(argosy: Argosy) -> None:
    transparent = io.BytesIO()
    Image.open(io.BytesIO(SCENE)).convert("RGBA").save(transparent, "PNG")
    plain, *others = argosy.vision.detect([SCENE, turned(SCENE), transparent.getvalue()])
    assert len(plain) > 2
    for other in others:
        assert other.detections == plain.detections
        assert (other.width, other.height) == (plain.width, plain.height)


def test_masks_agree_with_the_boxes_of_what_was_found(argosy: Argosy) -> None:
    found, parts = argosy.vision.detect(SCENE), argosy.vision.segment(SCENE)
    assert parts.mask.shape == (found.height, found.width)
    assert parts.segments[0].label.label == "background"
    inside = np.zeros(parts.mask.shape, bool)
    for each in found:
        box = each.box
        inside[int(box.y_min) : int(box.y_max) + 1, int(box.x_min) : int(box.x_max) + 1] = True
    objects = parts.mask != 0
    assert (objects & inside).sum() > 0.95 * objects.sum()


def test_a_scratch_is_found_and_drawn(argosy: Argosy) -> None:
    result = argosy.vision.inspect(SCRATCHED, picture=True)
    assert result.defective and result.regions
    assert result.picture is not None
    with Image.open(io.BytesIO(result.picture)) as drawn:
        assert drawn.size == (256, 256)


def test_two_sevens_are_the_same_and_a_scene_is_another(argosy: Argosy) -> None:
    again = (MODELS / "vision/digits/golden/seven_again.png").read_bytes()
    same, other = argosy.vision.compare(SEVEN, again), argosy.vision.compare(SEVEN, SCENE)
    assert same.same and same.similarity > other.similarity
    assert same.threshold == other.threshold


def test_a_label_is_explained_with_a_picture(argosy: Argosy) -> None:
    result = argosy.vision.explain(SEVEN, grid_size=7, picture=True)
    assert result.summary.target == "7"
    assert result.heatmap.shape == (7, 7)
    assert result.summary.fidelity is not None and result.summary.fidelity > 0.3
    assert result.summary.rendering is not None
    assert Image.open(io.BytesIO(result.summary.rendering.data)).format == "PNG"


def test_the_nearest_neighbours_of_held_out_digits_are_the_same_digit(argosy: Argosy) -> None:
    search = loaded(MODELS.parent / "examples/vision_search/search.py")
    names, images = search.read([MODELS / "vision/digits/heldout.npz"])
    known = search.index(argosy, names[::2], images[::2])
    asked = search.index(argosy, names[1::2], images[1::2])
    nearest = known.nearest(asked.vectors, 1)
    right = [name[0] == best[0][0] for name, (best, *_) in zip(asked.names, nearest, strict=True)]
    assert np.mean(right) > 0.95


def explain(**options: Any) -> pb.ExplainRequest:
    grid = options.pop("grid_size", 0)
    return pb.ExplainRequest(image=GOOD, grid_size=grid, options=ExplanationOptions(**options))


def detect(image: pb.Image = GOOD, **fields: Any) -> pb.DetectRequest:
    return pb.DetectRequest(images=[image], **fields)


INVALID: dict[str, tuple[str, Any, str]] = {
    "score that is no number": ("Detect", detect(min_score=float("nan")), "MIN_SCORE_OUT_OF_RANGE"),
    "negative number of detections": ("Detect", detect(max_detections=-1), "MAX_DETECTIONS_NEGATIVE"),
    "scene that is cut short": ("Detect", detect(pb.Image(encoded=SCENE[:999])), "IMAGE_CORRUPT"),
    "unknown format of masks": ("Segment", pb.SegmentRequest(images=[GOOD], mask_format=7), "MASK_FORMAT_UNKNOWN"),
    "drawing of a surface": (
        "Inspect",
        pb.InspectRequest(images=[GOOD], rendering=RENDERING_FORMAT_SVG),
        "RENDERING_UNSUPPORTED",
    ),
    "second image missing": ("Compare", pb.CompareRequest(first=GOOD), "IMAGE_MISSING"),
    "unknown method": ("Explain", explain(method="magic"), "EXPLANATION_METHOD_UNKNOWN"),
    "unknown label": ("Explain", explain(target="ten"), "TARGET_UNKNOWN"),
    "absurd cost": ("Explain", explain(grid_size=64), "EXPLANATION_TOO_COSTLY"),
    "grid of one part": ("Explain", explain(grid_size=1), "GRID_OUT_OF_RANGE"),
}


@pytest.mark.parametrize(("method", "message", "reason"), INVALID.values(), ids=INVALID)
def test_what_cannot_be_served_is_an_invalid_argument(
    channel: grpc.Channel, method: str, message: Any, reason: str
) -> None:
    outcome = send_beside_good_ones(channel, f"{SERVICE}/{method}", message)
    assert outcome.refused() == ("INVALID_ARGUMENT", reason)


def test_a_method_that_the_model_lacks_is_a_failed_precondition(channel: grpc.Channel) -> None:
    request = pb.DetectRequest(images=[GOOD], model="digits")
    outcome = send_beside_good_ones(channel, f"{SERVICE}/Detect", request)
    assert outcome.refused() == ("FAILED_PRECONDITION", "METHOD_NOT_SUPPORTED")
