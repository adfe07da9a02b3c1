# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Vision: image files out of the ordinary, all to the same pixels."""

import io
from typing import Any

import cv2
import numpy as np
import pytest
from argosy.vision.v1 import vision_pb2 as pb
from argosy_worker.domains.vision.service import DOMAIN, classify
from argosy_worker.domains.vision.transparency import orientation
from PIL import Image

from tests.unit.worker.domains.fakes import FakeCall, fake_call, loaded, refusal, same_for_each

SIDE = 16
RED = np.array([200, 40, 20], np.uint8)


def fake(**section: Any) -> FakeCall:
    vision = {"input": "x", "width": SIDE, "height": SIDE, "scale": 1.0, "classify": {"output": "y"}} | section
    channels = 1 if section.get("color") == "gray" else 3
    graph = loaded({"methods": ["Classify"], "vision": vision}, {"x": (-1, SIDE, SIDE, channels)}, {"y": (-1, 2)})
    return fake_call(DOMAIN, graph, same_for_each([0.5, 0.5], "y"))


async def decoded(*images: bytes | pb.RawImage, **section: Any) -> Any:
    """The graph's input, [images, height, width, channels]."""
    call = fake(**section)
    messages = [pb.Image(encoded=image) if isinstance(image, bytes) else pb.Image(raw=image) for image in images]
    await classify(pb.ClassifyRequest(images=messages), call)
    return call.only_input


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def with_alpha(alpha: int) -> Image.Image:
    """Red, the left half as opaque as that and the right half wholly."""
    pixels = np.empty((SIDE, SIDE, 4), np.uint8)
    pixels[..., :3], pixels[..., 3] = RED, 255
    pixels[:, : SIDE // 2, 3] = alpha
    return Image.fromarray(pixels)


def raw(image: Image.Image) -> pb.RawImage:
    pixels = np.asarray(image)
    height, width, channels = pixels.shape
    return pb.RawImage(data=pixels.tobytes(), height=height, width=width, channels=channels)


@pytest.mark.parametrize("ground", [0, 255, 100])
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "raw"])
async def test_what_is_transparent_is_laid_over_the_declared_ground(kind: str, ground: int) -> None:
    image = with_alpha(51)
    (found,) = await decoded(raw(image) if kind == "raw" else saved(image, kind, lossless=True), ground=ground)
    assert found[4, 4] == pytest.approx(RED * 0.2 + ground * 0.8, abs=2)
    assert found[4, -4].tolist() == RED.tolist()


async def test_a_large_transparent_image_is_laid_over_the_ground_everywhere() -> None:
    large = Image.new("RGBA", (900, 700), (*RED.tolist(), 51))
    (found,) = await decoded(raw(large), ground=100)
    assert np.abs(found - (RED * 0.2 + 80)).max() <= 2


async def test_what_is_transparent_is_black_where_nothing_is_declared() -> None:
    image = with_alpha(0)
    grey_image = image.convert("LA")
    palette = image.convert("RGB").quantize(2)
    palette_file = saved(palette, "PNG", transparency=int(np.asarray(palette)[0, 0]))
    for color in ("rgb", "gray", "bgr"):
        files = [saved(image, "PNG"), saved(image, "WEBP", lossless=True), saved(grey_image, "PNG")]
        found = await decoded(*files, color=color)
        assert found[:, :, : SIDE // 2].max() == 0
        assert found[:, :, SIDE // 2 :].max(axis=(1, 2, 3)).min() > 0
        assert (await decoded(palette_file, color=color)).max() == 0


@pytest.mark.parametrize("depth", [1, 8, 16])
async def test_a_grey_level_can_stand_for_transparency(depth: int) -> None:
    levels = np.zeros((SIDE, SIDE), np.uint16 if depth == 16 else np.uint8)
    levels[:, : SIDE // 2] = {1: 255, 8: 90, 16: 90 * 257}[depth]
    image = Image.fromarray(levels).convert("1") if depth == 1 else Image.fromarray(levels)
    file = saved(image, "PNG", transparency={1: 1, 8: 90, 16: 90 * 257}[depth])
    (found,) = await decoded(file, ground=200)
    assert np.unique(found[:, : SIDE // 2]).tolist() == [200]
    assert np.unique(found[:, SIDE // 2 :]).tolist() == [0]


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize("value", range(1, 9))
async def test_a_transparent_image_is_turned_as_an_opaque_one(kind: str, value: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = value
    pixels = np.random.default_rng(3).integers(0, 256, (12, 20, 3), np.uint8)
    opaque = Image.fromarray(pixels)
    transparent = opaque.convert("RGBA")
    transparent.putpixel((0, 0), (0, 0, 0, 0))
    opaque.putpixel((0, 0), (0, 0, 0))
    options = {"exif": exif, "lossless": True}
    one, other = await decoded(saved(opaque, kind, **options), saved(transparent, kind, **options))
    np.testing.assert_array_equal(one, other)


async def test_sixteen_bits_with_and_without_alpha_become_eight() -> None:
    levels = np.full((SIDE, SIDE, 4), 100 * 257, np.uint16)
    levels[..., 3] = 65535
    grey, colours, transparent = (
        cv2.imencode(".png", part)[1].tobytes() for part in (levels[..., 0], levels[..., :3], levels)
    )
    found = await decoded(grey, colours, transparent)
    assert np.unique(found).tolist() == [100]
    levels[..., 3] = 32768
    (half,) = await decoded(cv2.imencode(".png", levels)[1].tobytes())
    assert half == pytest.approx(np.full(half.shape, 50), abs=1)


async def test_cmyk_jpegs_have_the_colours_of_the_same_rgb_image() -> None:
    image = Image.new("RGB", (SIDE, SIDE), tuple(RED.tolist()))
    rgb, cmyk = await decoded(saved(image, "JPEG", quality=95), saved(image.convert("CMYK"), "JPEG", quality=95))
    assert np.abs(rgb - cmyk).max() <= 4


async def test_images_of_one_request_may_differ_in_size_form_and_colours() -> None:
    colour = (10, 120, 230)
    files = [
        saved(Image.new("RGB", (5, 90), colour), "PNG"),
        saved(Image.new("RGB", (300, 200), colour), "JPEG", quality=95),
        saved(Image.new("RGBA", (1, 1), (*colour, 255)), "WEBP", lossless=True),
        saved(Image.new("RGB", (33, 17), colour), "BMP"),
    ]
    found = await decoded(*files, raw(Image.new("RGB", (7, 2), colour)))
    assert found.shape == (5, SIDE, SIDE, 3)
    assert np.abs(found - colour).max() <= 3


async def test_letterbox_pads_with_the_declared_ground() -> None:
    (found,) = await decoded(saved(Image.new("RGB", (40, 20), (9, 9, 9)), "PNG"), resize="letterbox", ground=114)
    assert found[0, 0].tolist() == [114] * 3
    assert found[SIDE // 2, 0].tolist() == [9] * 3


@pytest.mark.parametrize(
    "exif", [b"", b"II", b"MM\0*\xff\xff\xff\xff", b"Exif\0\0II*\0\x08\0\0\0\xff\xff", b"II*\0\x08\0\0\0\x01\0\x12\x01"]
)
def test_an_orientation_that_cannot_be_read_is_upright(exif: bytes) -> None:
    assert orientation(exif) == 1


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
async def test_damaged_transparent_files_are_answered_or_refused(kind: str) -> None:
    random = np.random.default_rng(12)
    exif = Image.Exif()
    exif[0x0112] = 6
    file = saved(with_alpha(70), kind, lossless=True, exif=exif)
    for cut in range(30, len(file), 7):
        error = await refusal(classify(pb.ClassifyRequest(images=[pb.Image(encoded=file[:cut])]), fake()))
        assert error.reason == "IMAGE_CORRUPT"
    for _ in range(60):
        damaged = np.frombuffer(file, np.uint8).copy()
        damaged[random.integers(0, len(file), 3)] = random.integers(0, 256, 3)
        try:
            await decoded(damaged.tobytes())
        except Exception as error:
            assert getattr(error, "reason", "").startswith("IMAGE_"), error
