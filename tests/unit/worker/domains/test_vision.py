# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Vision: images of every kind to the graph's input."""

import io
import struct
import tracemalloc
import zlib
from typing import Any

import cv2
import numpy as np
import pytest
from argosy.vision.v1 import vision_pb2 as pb
from argosy_worker.domains.vision.service import DOMAIN, classify, embed
from argosy_worker.lifecycle.domain import LoadedGraph
from PIL import Image

from tests.unit.worker.domains.fakes import FakeCall, assert_invalid, fake_call, loaded, refusal, same_for_each

WIDTH, HEIGHT = 6, 4
PLAIN = {"scale": 1.0}
#: Left half red, right half blue, RGB.
TWO_HALVES = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
TWO_HALVES[:, :3, 0], TWO_HALVES[:, 3:, 2] = 200, 100


def graph(shape: tuple[int, ...] | None = None, datatype: str = "FP32", **section: Any) -> LoadedGraph:
    channels = 1 if section.get("color") == "gray" else 3
    size = (HEIGHT, WIDTH, channels) if section.get("layout") != "NCHW" else (channels, HEIGHT, WIDTH)
    vision = {
        "input": "x",
        "width": WIDTH,
        "height": HEIGHT,
        "classify": {"output": "y"},
        "embed": {"output": "v", "normalize": True},
    } | section
    config = {"methods": ["Classify", "Embed"], "max_items": 3, "vision": vision}
    return loaded(config, {"x": (datatype, shape or (-1, *size))}, {"y": (-1, 2), "v": (-1, 2)}, ["no", "yes"])


def fake(**options: Any) -> FakeCall:
    return fake_call(DOMAIN, graph(**options), same_for_each([0.25, 0.75], "y"))


def request(*images: bytes | pb.RawImage) -> pb.ClassifyRequest:
    return pb.ClassifyRequest(
        images=[pb.Image(encoded=image) if isinstance(image, bytes) else pb.Image(raw=image) for image in images]
    )


def saved(array: Any, kind: str, **options: Any) -> bytes:
    """An RGB (or grey, or RGBA) array as a file."""
    file = io.BytesIO()
    Image.fromarray(array).save(file, kind, **options)
    return file.getvalue()


def raw(array: Any, **fields: Any) -> pb.RawImage:
    height, width, channels = array.shape
    return pb.RawImage(**({"data": array.tobytes(), "height": height, "width": width, "channels": channels} | fields))


async def pixels(image: bytes | pb.RawImage, **options: Any) -> Any:
    call = fake(**(PLAIN | options))
    await classify(request(image), call)
    return call.only_input[0]


def photo(width: int = 64, height: int = 48) -> Any:
    small = np.random.default_rng(5).integers(0, 256, (6, 8, 3), np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


@pytest.mark.parametrize(
    ("kind", "options"),
    [("PNG", {}), ("BMP", {}), ("WEBP", {"lossless": True}), ("WEBP", {"quality": 95}), ("JPEG", {"quality": 95})],
)
async def test_files_of_each_format_are_decoded(kind: str, options: dict[str, Any]) -> None:
    flat = np.full((8, 8, 3), (200, 50, 100), np.uint8)
    result = await pixels(saved(flat, kind, **options))
    assert np.abs(result - (200, 50, 100)).max() <= 4


async def test_pixels_are_normalised_and_stacked() -> None:
    call = fake(scale=0.5, mean=[1.0, 2.0, 3.0], std=[2.0])
    file = saved(TWO_HALVES, "PNG")

    response = await classify(request(file, raw(TWO_HALVES)), call)

    assert call.only_input.dtype == np.float32
    assert call.only_input.shape == (2, HEIGHT, WIDTH, 3)
    np.testing.assert_allclose(call.only_input[0], (TWO_HALVES * 0.5 - [1, 2, 3]) / 2, rtol=1e-6)
    np.testing.assert_array_equal(call.only_input[0], call.only_input[1])
    assert [[label.label for label in result.labels] for result in response.results] == [["yes", "no"]] * 2


@pytest.mark.parametrize(
    ("color", "expected"), [("rgb", [200, 0, 0]), ("bgr", [0, 0, 200]), ("gray", [round(200 * 0.299)])]
)
async def test_colours_are_what_the_model_wants(color: str, expected: list[int]) -> None:
    alpha = np.dstack([TWO_HALVES, np.full((HEIGHT, WIDTH), 255, np.uint8)])
    for image in (
        saved(TWO_HALVES, "PNG"),
        raw(TWO_HALVES),
        raw(alpha),
        saved(alpha, "PNG"),
        saved(alpha, "WEBP", lossless=True),
    ):
        assert (await pixels(image, color=color))[0, 0] == pytest.approx(expected, abs=1)


async def test_grey_images_become_colours() -> None:
    grey = np.full((HEIGHT, WIDTH, 1), 90, np.uint8)
    for image in (raw(grey), saved(grey[:, :, 0], "PNG"), saved(grey[:, :, 0], "JPEG")):
        assert (await pixels(image))[0, 0].tolist() == [90, 90, 90]
        assert (await pixels(image, color="gray"))[0, 0].tolist() == [90]


async def test_layouts_of_input_and_graph() -> None:
    planar = raw(TWO_HALVES, data=TWO_HALVES.transpose(2, 0, 1).tobytes(), layout=pb.LAYOUT_CHW)
    np.testing.assert_array_equal(await pixels(planar), TWO_HALVES)
    np.testing.assert_array_equal(await pixels(planar, layout="NCHW"), TWO_HALVES.transpose(2, 0, 1))


async def test_an_integer_graph_gets_whole_numbers() -> None:
    result = await pixels(raw(TWO_HALVES), datatype="UINT8")
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result, TWO_HALVES)
    assert (await pixels(raw(TWO_HALVES), datatype="UINT8", scale=2.0)).max() == 255


async def test_stretching_fills_the_whole_input() -> None:
    wide = np.zeros((2, 40, 3), np.uint8)
    wide[:, 20:] = 100
    result = await pixels(raw(wide))
    assert result[:, 0].max() == 0
    assert result[:, -1].min() == 100


async def test_center_crop_keeps_the_aspect_ratio() -> None:
    wide = np.zeros((8, 40, 3), np.uint8)
    wide[:, 14:26] = 100
    assert (await pixels(raw(wide), resize="center_crop")).min() == 100


async def test_letterbox_pads_with_zeros() -> None:
    result = await pixels(raw(np.full((10, 30, 3), 100, np.uint8)), resize="letterbox")
    assert result[:, 0, 0].tolist() == [0, 100, 100, 0]
    result = await pixels(raw(np.full((10, 5, 1), 100, np.uint8)), resize="letterbox", color="gray")
    assert result[0, :, 0].tolist() == [0, 0, 100, 100, 0, 0]


@pytest.mark.parametrize("resize", ["stretch", "center_crop", "letterbox"])
async def test_images_one_pixel_thin_are_resized(resize: str) -> None:
    for shape in ((1, 70_000, 1), (70_000, 1, 1), (1, 1, 1)):
        assert (await pixels(raw(np.full(shape, 9, np.uint8)), resize=resize)).max() == 9


@pytest.mark.parametrize("interpolation", ["area", "linear", "cubic", "nearest"])
async def test_every_interpolation_resizes(interpolation: str) -> None:
    assert (await pixels(saved(photo(), "PNG"), interpolation=interpolation)).std() > 0


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
async def test_exif_orientation_is_applied(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    corner = np.zeros((16, 24, 3), np.uint8)
    corner[:8, :8] = 255
    result = await pixels(saved(corner, kind, exif=exif, quality=100), resize="stretch")
    bright = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0)}
    assert result[bright[orientation]].min() > 200
    assert (result.max(axis=2) > 200).sum() < result[..., 0].size / 2


async def test_16_bit_png_is_scaled_to_8_bits() -> None:
    image = cv2.imencode(".png", np.full((8, 8, 3), 100 * 257, np.uint16))[1].tobytes()
    assert (await pixels(image)).tolist() == np.full((HEIGHT, WIDTH, 3), 100).tolist()


async def test_odd_files_of_known_formats_are_decoded() -> None:
    image = Image.fromarray(photo())
    frames = {"save_all": True, "append_images": [image.rotate(90)]}
    for form, options in (
        (("PNG", "P"), {}),
        (("PNG", "1"), {}),
        (("BMP", "P"), {}),
        (("JPEG", "CMYK"), {}),
        (("JPEG", "RGB"), {"progressive": True}),
        (("PNG", "RGB"), {"interlace": 1}),
        (("PNG", "RGB"), frames),
        (("WEBP", "RGB"), frames),
    ):
        kind, mode = form
        file = io.BytesIO()
        image.convert(mode).save(file, kind, **options)
        assert (await pixels(file.getvalue())).std() > 0


async def test_the_first_frame_of_an_animation_counts() -> None:
    first, second = (Image.fromarray(np.full((8, 8, 3), level, np.uint8)) for level in (40, 200))
    for kind in ("PNG", "WEBP"):
        file = io.BytesIO()
        first.save(file, kind, save_all=True, append_images=[second], lossless=True)
        assert (await pixels(file.getvalue())).max() == 40


async def test_data_after_the_image_is_ignored() -> None:
    for kind in ("PNG", "JPEG", "WEBP", "BMP"):
        assert (await pixels(saved(photo(), kind) + b"more")).std() > 0


async def test_embeddings_are_one_tensor() -> None:
    call = fake_call(DOMAIN, graph(), {"v": np.array([[3, 4], [0, 2]], np.float32)})
    images = [pb.Image(encoded=saved(photo(), "PNG"))] * 2

    response = await embed(pb.EmbedRequest(images=images), call)

    assert list(response.embeddings.shape) == [2, 2]
    np.testing.assert_allclose(np.frombuffer(response.embeddings.data, "<f4"), [0.6, 0.8, 0, 1], rtol=1e-6)


async def test_an_image_weighs_its_pixels_where_they_outweigh_its_bytes() -> None:
    file = saved(np.zeros((100, 200, 3), np.uint8), "PNG")
    call = fake()
    await classify(request(file, raw(TWO_HALVES)), call)
    assert call.payloads == [100 * 200 * 3 + TWO_HALVES.nbytes]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("BMP", {}),
    ],
)
async def test_a_file_cut_anywhere_is_refused(kind: str, options: dict[str, Any]) -> None:
    file = saved(photo(), kind, **options)
    call = fake()
    cuts = {*range(1, 40), *range(40, len(file), max(1, len(file) // 60)), *range(len(file) - 12, len(file))}
    for cut in sorted(cuts):
        error = await refusal(classify(request(file[:cut]), call))
        assert error.reason in ("IMAGE_CORRUPT", "IMAGE_FORMAT_UNSUPPORTED", "IMAGE_TOO_LARGE"), cut
        assert cut < 40 or error.reason == "IMAGE_CORRUPT"


async def test_a_jpeg_with_a_whole_thumbnail_inside_may_still_be_cut() -> None:
    file = saved(photo(640, 480), "JPEG", exif=b"Exif\0\0" + saved(photo(), "JPEG"))
    assert b"\xff\xd9" in file[: len(file) // 2]
    assert (await refusal(classify(request(file[: len(file) // 2]), fake()))).reason == "IMAGE_CORRUPT"


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *more: bytes) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + png_chunk(b"IEND", b"")


def with_huge_size(kind: str) -> bytes:
    """A small file whose header claims 50,000 x 50,000 pixels (16,384 x 16,384 for WebP)."""
    if kind == "PNG":
        return png(50_000, 50_000, png_chunk(b"IDAT", zlib.compress(bytes(100))))
    if kind == "WEBP":
        return b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x3f\0\xff\x3f\0VP8L\0\0\0\0"
    file = bytearray(saved(photo(), kind))
    if kind == "BMP":
        file[18:26] = struct.pack("<ii", 50_000, -50_000)
    else:
        frame = file.index(b"\xff\xc0")
        file[frame + 5 : frame + 9] = struct.pack(">HH", 50_000, 50_000)
    return bytes(file)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP"])
async def test_a_header_that_claims_too_many_pixels_is_refused_without_allocating(kind: str) -> None:
    call, message = fake(), request(with_huge_size(kind))
    tracemalloc.start()
    error = await refusal(classify(message, call))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert error.reason == "IMAGE_TOO_LARGE"
    assert error.metadata["limit"] == "50000000"
    assert peak < 1_000_000
    assert not call.payloads


def animation_bomb() -> bytes:
    """A small PNG, one frame of whose animation claims to be huge."""
    frame = struct.pack(">IIIIIHHBB", 1, 60_000, 60_000, 0, 0, 1, 1, 0, 0)
    pixel_rows = png_chunk(b"IDAT", zlib.compress(bytes(8 * 25)))
    extra = png_chunk(b"acTL", struct.pack(">II", 2, 0)), pixel_rows, png_chunk(b"fcTL", frame)
    return png(8, 8, *extra, png_chunk(b"fdAT", struct.pack(">I", 2) + zlib.compress(b"")))


async def test_frames_of_a_png_animation_never_reach_the_decoder() -> None:
    assert (await pixels(animation_bomb())).max() == 0


def jpeg_of_many(segment: bytes, count: int) -> bytes:
    file = saved(photo(), "JPEG")
    return file[:2] + segment * count + file[2:]


def jpeg_of_many_scans() -> bytes:
    file = saved(photo(), "JPEG", progressive=True)
    start = file.rindex(b"\xff\xda")
    return file[:-2] + file[start:-2] * 500 + file[-2:]


EMPTY_RAW = pb.RawImage(data=b"", height=1, width=1, channels=3)
BAD: dict[str, tuple[bytes | pb.RawImage, str]] = {
    "no bytes": (b"", "IMAGE_EMPTY"),
    "text": (b"hello, this is not an image", "IMAGE_FORMAT_UNSUPPORTED"),
    "gif": (saved(photo(), "GIF"), "IMAGE_FORMAT_UNSUPPORTED"),
    "tiff": (saved(photo(), "TIFF"), "IMAGE_FORMAT_UNSUPPORTED"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "IMAGE_FORMAT_UNSUPPORTED"),
    "png of zero width": (png(0, 8), "IMAGE_CORRUPT"),
    "png without pixels": (png(8, 8), "IMAGE_CORRUPT"),
    "png with too few pixels": (png(8, 8, png_chunk(b"IDAT", zlib.compress(bytes(40)))), "IMAGE_CORRUPT"),
    "png with a wrong checksum": (saved(photo(), "PNG").replace(b"IDAT", b"IDAU"), "IMAGE_CORRUPT"),
    "png with a second header": (
        png(8, 8, png_chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))),
        "IMAGE_CORRUPT",
    ),
    "png of many chunks": (png(8, 8, png_chunk(b"tEXt", b"") * 60_000), "IMAGE_CORRUPT"),
    "png without header": (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IEND", bytes(20)), "IMAGE_CORRUPT"),
    "jpeg of many segments": (jpeg_of_many(b"\xff\xfe\x00\x02", 5000), "IMAGE_CORRUPT"),
    "jpeg of many scans": (jpeg_of_many_scans(), "IMAGE_CORRUPT"),
    "jpeg without frame": (b"\xff\xd8\xff\xda\x00\x02\xff\xd9", "IMAGE_CORRUPT"),
    "webp of no image": (b"RIFF\x10\0\0\0WEBPABCDaaaaaaaa", "IMAGE_CORRUPT"),
    "bmp of nonsense": (b"BM" + bytes(range(200)), "IMAGE_TOO_LARGE"),
    "raw of no bytes": (EMPTY_RAW, "PIXELS_MISMATCH"),
    "raw of too few bytes": (raw(TWO_HALVES, height=5), "PIXELS_MISMATCH"),
    "raw of too many bytes": (raw(TWO_HALVES, height=3), "PIXELS_MISMATCH"),
    "raw of zero height": (raw(TWO_HALVES, height=0), "PIXELS_MISMATCH"),
    "raw of negative sides": (raw(TWO_HALVES, height=-HEIGHT, width=-WIDTH), "PIXELS_MISMATCH"),
    "raw of huge sides": (raw(TWO_HALVES, height=2**31 - 1, width=2**31 - 1), "PIXELS_MISMATCH"),
    "raw that overflows to 0": (pb.RawImage(height=2**30, width=2**30, channels=4), "PIXELS_MISMATCH"),
    "raw of two channels": (raw(TWO_HALVES, channels=2), "PIXELS_MISMATCH"),
    "raw of unknown layout": (raw(TWO_HALVES, layout=7), "LAYOUT_UNKNOWN"),
}


async def test_a_wrong_checksum_is_noticed_before_the_decoder_logs_it() -> None:
    error = await refusal(classify(request(saved(photo(), "PNG").replace(b"IDAT", b"IDAU")), fake()))
    assert "a checksum is wrong" in error.message


@pytest.mark.parametrize("name", BAD)
async def test_bad_images_are_refused_with_their_index(name: str) -> None:
    image, reason = BAD[name]
    call = fake()

    error = await refusal(classify(request(raw(TWO_HALVES), image), call))

    assert error.reason == reason
    assert error.metadata["index"] == "1"
    assert error.message.startswith("images[1]: ")
    assert not call.ran


async def test_other_bad_requests_are_refused() -> None:
    image = pb.Image(raw=raw(TWO_HALVES))
    for answer, reason in (
        (classify(pb.ClassifyRequest(), fake()), "NO_ITEMS"),
        (embed(pb.EmbedRequest(), fake()), "NO_ITEMS"),
        (classify(pb.ClassifyRequest(images=[image] * 4), fake()), "TOO_MANY_ITEMS"),
        (classify(pb.ClassifyRequest(images=[image, pb.Image()]), fake()), "IMAGE_MISSING"),
        (classify(pb.ClassifyRequest(images=[image], top_k=-1), fake()), "TOP_K_NEGATIVE"),
    ):
        assert (await refusal(answer)).reason == reason


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP"])
async def test_random_damage_is_answered_or_refused(kind: str) -> None:
    random = np.random.default_rng(11)
    file = np.frombuffer(saved(photo(), kind), np.uint8)
    call = fake()
    for trial in range(60):
        damaged = file.copy()
        places = random.integers(0, 100 if trial % 2 else len(file), 3)
        damaged[places] = random.integers(0, 256, 3)
        try:
            await classify(request(damaged.tobytes()), call)
        except Exception as error:
            assert getattr(error, "reason", "").startswith("IMAGE_"), (trial, error)


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"shape": (-1, 3, HEIGHT, WIDTH)}, "vision.input"),
        ({"shape": (-1, HEIGHT, WIDTH)}, "vision.input"),
        ({"shape": (-1, HEIGHT, WIDTH, 1)}, "vision.input"),
        ({"datatype": "BOOL"}, "vision.input"),
        ({"input": "z"}, "vision.input: the graph has no input 'z'; it has x"),
        ({"mean": [0.0, 1.0]}, "vision.mean: has 2 values; it must have 1, or 3"),
        ({"std": [1.0, 1.0]}, "vision.std"),
        ({"std": [0.0]}, "vision.std: must not hold 0"),
        ({"mean": [float("nan")]}, "vision.mean: must be finite"),
        ({"classify": None}, "vision.classify: must be set for the method Classify"),
        ({"embed": None}, "vision.embed: must be set for the method Embed"),
        ({"classify": {"output": "z"}}, "vision.classify.output"),
        ({"embed": {"output": "z"}}, "vision.embed.output"),
    ],
)
def test_a_model_that_does_not_fit_its_graph_is_refused(options: dict[str, Any], part: str) -> None:
    assert_invalid(DOMAIN, graph(**options), "model.yaml", part)


def test_a_graph_of_open_extents_is_accepted() -> None:
    assert DOMAIN.prepare(graph(shape=(-1, -1, -1, 3))) is not None
