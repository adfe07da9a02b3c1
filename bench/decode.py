# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Decoding images: the worker's own codec against OpenCV alone, on one thread."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from argosy.vision.v1.vision_pb2 import Image
from argosy_worker.domains.vision.codec import VisionCodec, prepare
from argosy_worker.domains.vision.source import inspect_images
from argosy_worker.engines.port import TensorSpec
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.schema import ModelConfig
from argosy_worker.repository.sections.base import ClassOutput
from argosy_worker.repository.sections.vision import VisionSection

from bench.report import Section, Table
from bench.stats import spread

#: Width and height of an image, and of the input of the model that it is for, in pixels.
SIZES = ((28, 28, 28), (640, 480, 224), (1920, 1080, 224))
FORMATS: dict[str, tuple[int, ...]] = {
    "PNG": (),
    "JPEG": (cv2.IMWRITE_JPEG_QUALITY, 90),
    "WebP": (cv2.IMWRITE_WEBP_QUALITY, 90),
}
_COLUMNS = ("image", "bytes", "codec, images/s", "codec, MB/s", "OpenCV alone, images/s", "time / OpenCV")


@dataclass(frozen=True, slots=True)
class File:
    """An image file."""

    name: str
    width: int
    height: int
    input_size: int
    """Width and height of the input that it becomes, in pixels."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Sample:
    """One image file decoded over and over for one round; CPU times in seconds per image."""

    image: str
    file_bytes: int
    pixel_bytes: int
    codec_s: float
    opencv_s: float


def run(rounds: int, seconds: float, progress: Callable[[str], None]) -> Section:
    """Decodes every format in every size, ``rounds`` times; ``seconds`` is the length of one whole round."""
    files = [_file(name, *size) for name in FORMATS for size in SIZES]
    codecs = {size: _codec(size) for _, _, size in SIZES}
    turn_s = seconds / len(files) / 2
    measured = []
    for number in range(1, rounds + 1):
        progress(f"round {number} of {rounds}")
        measured.append([_sample(codecs[file.input_size], file, turn_s) for file in files])
    return summarize(measured, turn_s)


def summarize(measured: Sequence[Sequence[Sample]], turn_s: float) -> Section:
    """Makes the table of all rounds."""
    notes = (
        f"One thread; to RGB in FP32, scaled and normalised; median (min-max) of {len(measured)} rounds of at least "
        f"{turn_s:.2g} s of CPU time each, ratios within a round.",
        "OpenCV alone is imdecode, resize (area) and conversion to RGB, 8 bits; the codec also reads the header, "
        "checks that the file is complete and normalises. MB/s are of decoded pixels, 3 bytes each.",
    )
    rows = tuple(_row(samples) for samples in zip(*measured, strict=True))
    rounds = [[asdict(sample) for sample in one] for one in measured]
    return Section("decode", Table("Decoding of images", _COLUMNS, rows, notes), rounds=rounds)


def _row(samples: Sequence[Sample]) -> tuple[str, ...]:
    first = samples[0]
    return (
        first.image,
        f"{first.file_bytes:,}",
        spread(1 / sample.codec_s for sample in samples).text(0),
        spread(sample.pixel_bytes / sample.codec_s / 1e6 for sample in samples).text(0),
        spread(1 / sample.opencv_s for sample in samples).text(0),
        spread(sample.codec_s / sample.opencv_s for sample in samples).text(2),
    )


def _sample(codec: VisionCodec, file: File, turn_s: float) -> Sample:
    images = [Image(encoded=file.data)]
    return Sample(
        image=f"{file.name} {file.width} x {file.height} to {file.input_size} x {file.input_size}",
        file_bytes=len(file.data),
        pixel_bytes=file.width * file.height * 3,
        codec_s=_seconds_each(lambda: codec.decode(inspect_images(images)), turn_s),
        opencv_s=_seconds_each(lambda: _opencv(file), turn_s),
    )


def _opencv(file: File) -> Any:
    pixels = cv2.imdecode(np.frombuffer(file.data, np.uint8), cv2.IMREAD_COLOR)
    if (file.width, file.height) != (file.input_size, file.input_size):
        pixels = cv2.resize(pixels, (file.input_size, file.input_size), interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)


def _seconds_each(work: Callable[[], Any], turn_s: float) -> float:
    """CPU seconds of this thread for one call, over a turn."""
    count, started = 0, time.thread_time()
    while (used := time.thread_time() - started) < turn_s or not count:
        work()
        count += 1
    return used / count


def _file(name: str, width: int, height: int, input_size: int) -> File:
    """An image file with smooth areas, edges and some noise, the same on every run."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / max(width, height)
    planes = [
        128 + 80 * np.sin(6 * x + 4 * y + phase) + 40 * ((x * 8 + y * 3 + phase) % 1 > 0.5) for phase in (0, 1, 2)
    ]
    pixels = np.stack(planes, axis=2) + random.normal(0, 3, (height, width, 3))
    done, data = cv2.imencode(f".{name.lower()}", np.clip(pixels, 0, 255).astype(np.uint8), list(FORMATS[name]))
    assert done
    return File(name, width, height, input_size, data.tobytes())


def _codec(size: int) -> VisionCodec:
    """The codec of a model that takes RGB images of ``size`` x ``size`` pixels."""
    config = ModelConfig(
        methods=["Classify"],
        vision=VisionSection(
            input="image",
            width=size,
            height=size,
            mean=[0.485, 0.456, 0.406],
            std=[0.229, 0.224, 0.225],
            classify=ClassOutput(output="scores"),
        ),
    )
    specs = TensorSpec("image", "FP32", (-1, size, size, 3)), TensorSpec("scores", "FP32", (-1, 2))
    codec = prepare(LoadedGraph("photographs", Path(), config, ("a", "b"), specs[:1], specs[1:]))
    assert codec is not None
    return codec
