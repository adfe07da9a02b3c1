# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Decoding images: the worker's own codec against OpenCV alone, on one thread."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np
from argosy.vision.v1.vision_pb2 import Image
from argosy_worker.domains.vision.codec import VisionCodec, prepare
from argosy_worker.domains.vision.source import inspect_images
from argosy_worker.engines.port import TensorSpec
from argosy_worker.lifecycle.domain import LoadedGraph
from argosy_worker.repository.domain_schema import ClassOutput, VisionSection
from argosy_worker.repository.schema import ModelConfig
from pathlib import Path

from bench.report import Section, Table
from bench.stats import spread

SIZE = 224
"""Width and height of the model's input, in pixels."""
FORMATS: dict[str, tuple[int, ...]] = {
    "PNG": (),
    "JPEG": (cv2.IMWRITE_JPEG_QUALITY, 90),
    "WebP": (cv2.IMWRITE_WEBP_QUALITY, 90),
}
SIZES = ((28, 28), (640, 480), (1920, 1080))
_COLUMNS = ("image", "bytes", "codec, images/s", "codec, MB/s of pixels", "OpenCV alone, images/s", "time / OpenCV")


@dataclass(frozen=True, slots=True)
class Sample:
    """One image file decoded over and over for one round; times in seconds per image."""

    image: str
    file_bytes: int
    pixel_bytes: int
    codec_s: float
    opencv_s: float


def run(rounds: int, seconds: float, progress: Callable[[str], None]) -> Section:
    """Decodes every format in every size, ``rounds`` times; ``seconds`` is the length of one whole round."""
    codec = _codec()
    cv2.setNumThreads(1)
    files = [
        (f"{name} {width} x {height}", width * height * 3, _file(name, width, height))
        for name in FORMATS
        for width, height in SIZES
    ]
    turn_s = seconds / len(files) / 2
    measured = []
    for number in range(1, rounds + 1):
        progress(f"round {number} of {rounds}")
        measured.append([_sample(codec, *file, turn_s) for file in files])
    return summarize(measured, turn_s)


def summarize(measured: Sequence[Sequence[Sample]], turn_s: float) -> Section:
    """Makes the table of all rounds."""
    notes = (
        f"One thread; RGB to FP32 [1, {SIZE}, {SIZE}, 3], scaled and normalised; median (min-max) of {len(measured)} rounds, each at least {turn_s:.2g} s, the ratio within a round.",
        "OpenCV alone is imdecode, resize (area) and conversion to RGB, 8 bits; the codec also reads the header, checks "
        "that the file is complete and normalises.",
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


def _sample(codec: VisionCodec, name: str, pixel_bytes: int, data: bytes, turn_s: float) -> Sample:
    images = [Image(encoded=data)]
    return Sample(
        image=name,
        file_bytes=len(data),
        pixel_bytes=pixel_bytes,
        codec_s=_seconds_each(lambda: codec.decode(inspect_images(images)), turn_s),
        opencv_s=_seconds_each(lambda: _opencv(data), turn_s),
    )


def _opencv(data: bytes) -> Any:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return cv2.cvtColor(cv2.resize(pixels, (SIZE, SIZE), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB)


def _seconds_each(work: Callable[[], Any], turn_s: float) -> float:
    """CPU seconds of this thread for one call, over a turn."""
    count, started = 0, time.thread_time()
    while (used := time.thread_time() - started) < turn_s or not count:
        work()
        count += 1
    return used / count


def _file(name: str, width: int, height: int) -> bytes:
    """An image file with smooth areas, edges and some noise, the same on every run."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / max(width, height)
    planes = [
        128 + 80 * np.sin(6 * x + 4 * y + phase) + 40 * ((x * 8 + y * 3 + phase) % 1 > 0.5) for phase in (0, 1, 2)
    ]
    pixels = np.stack(planes, axis=2) + random.normal(0, 3, (height, width, 3))
    done, data = cv2.imencode(f".{name.lower()}", np.clip(pixels, 0, 255).astype(np.uint8), list(FORMATS[name]))
    assert done
    return data.tobytes()


def _codec() -> VisionCodec:
    """The codec of a model for photographs."""
    config = ModelConfig(
        methods=["Classify"],
        vision=VisionSection(
            input="image",
            width=SIZE,
            height=SIZE,
            mean=[0.485, 0.456, 0.406],
            std=[0.229, 0.224, 0.225],
            classify=ClassOutput(output="scores"),
        ),
    )
    specs = TensorSpec("image", "FP32", (-1, SIZE, SIZE, 3)), TensorSpec("scores", "FP32", (-1, 2))
    codec = prepare(LoadedGraph("photographs", Path(), config, ("a", "b"), specs[:1], specs[1:]))
    assert codec is not None
    return codec
