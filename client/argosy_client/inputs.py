# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What callers may hand in (paths, bytes, arrays), turned into messages. Wrong inputs fail here, before any call."""

import os
from pathlib import Path
from typing import TypeAlias

import numpy as np
from argosy.common.v1 import tensor_pb2
from argosy.speech.v1 import speech_pb2
from argosy.vision.v1 import vision_pb2
from numpy.typing import NDArray

#: A path, the bytes of an image file, or pixels: uint8 of shape [height, width] or [height, width, channels], RGB.
ImageInput: TypeAlias = str | os.PathLike[str] | bytes | NDArray[np.uint8]
#: A path, the bytes of an audio file, or samples with their rate in Hz: int16 or float32 in [-1, 1], of shape [frames]
#: or [frames, channels].
AudioInput: TypeAlias = str | os.PathLike[str] | bytes | tuple[NDArray[np.int16] | NDArray[np.float32], int]

_FLOATS: dict[tensor_pb2.DataType, str] = {tensor_pb2.DATA_TYPE_FP32: "<f4", tensor_pb2.DATA_TYPE_FP64: "<f8"}


def image(source: ImageInput) -> vision_pb2.Image:
    """Makes the message of one image.

    Raises:
        OSError: The file cannot be read (FileNotFoundError where it does not exist).
        ValueError: Not an image by type, dtype or shape.
    """
    if isinstance(source, np.ndarray):
        return vision_pb2.Image(raw=_raw_image(source))
    return vision_pb2.Image(encoded=_file_bytes(source, "an image", "a path, bytes or a uint8 array"))


def audio(source: AudioInput) -> speech_pb2.Audio:
    """Makes the message of one clip.

    Raises:
        OSError: The file cannot be read (FileNotFoundError where it does not exist).
        ValueError: Not a clip by type, dtype or shape.
    """
    if isinstance(source, tuple):
        if len(source) != 2:
            raise ValueError("raw audio is a pair (samples, rate in Hz)")
        return speech_pb2.Audio(pcm=_pcm(*source))
    return speech_pb2.Audio(encoded=_file_bytes(source, "a clip", "a path, bytes or a pair (samples, rate in Hz)"))


def float_tensor(array: NDArray[np.generic]) -> tensor_pb2.Tensor:
    """Makes a tensor of float32 or float64; integers become float64. Raises ValueError for any other dtype."""
    if array.dtype.kind in "iu":
        array = array.astype(np.float64)
    for data_type, dtype in _FLOATS.items():
        if array.dtype.kind == "f" and array.dtype.itemsize == np.dtype(dtype).itemsize:
            data = np.ascontiguousarray(array, dtype=dtype).tobytes()
            return tensor_pb2.Tensor(data_type=data_type, shape=array.shape, data=data)
    raise ValueError(f"features have dtype {array.dtype}; they must be float32, float64 or integers")


def float_array(tensor: tensor_pb2.Tensor) -> NDArray[np.float32]:
    """Reads a float32 tensor without a copy, so the array is read-only. Raises ValueError for any other tensor."""
    if tensor.data_type != tensor_pb2.DATA_TYPE_FP32:
        raise ValueError(f"the tensor's data type is {tensor.data_type}, not FP32")
    return np.frombuffer(tensor.data, dtype="<f4").reshape(tuple(tensor.shape))


def _file_bytes(source: str | os.PathLike[str] | bytes, what: str, wanted: str) -> bytes:
    if isinstance(source, str | os.PathLike):
        content = Path(source).read_bytes()
        if not content:
            raise ValueError(f"the file {os.fspath(source)!r} is empty")
        return content
    if not isinstance(source, bytes):
        raise ValueError(f"{what} cannot be made from {type(source).__name__}; give {wanted}")
    if not source:
        raise ValueError(f"{what} has no bytes")
    return source


def _raw_image(pixels: NDArray[np.uint8]) -> vision_pb2.RawImage:
    if pixels.dtype != np.uint8:
        raise ValueError(f"pixels have dtype {pixels.dtype}; they must be uint8 (0 to 255)")
    shape = pixels.shape if pixels.ndim == 3 else (*pixels.shape, 1)
    if len(shape) != 3 or 0 in shape or shape[2] not in (1, 3, 4):
        raise ValueError(
            f"pixels have shape {list(pixels.shape)}; they must have [height, width] or [height, width, channels] "
            "with 1, 3 or 4 channels; several images are a list of arrays"
        )
    height, width, channels = shape
    return vision_pb2.RawImage(
        data=pixels.tobytes(), height=height, width=width, channels=channels, layout=vision_pb2.LAYOUT_HWC
    )


def _pcm(samples: NDArray[np.int16] | NDArray[np.float32], rate: int) -> speech_pb2.PcmAudio:
    if not isinstance(samples, np.ndarray):
        raise ValueError(f"samples are an array, not {type(samples).__name__}")
    formats = {"i2": speech_pb2.SAMPLE_FORMAT_S16, "f4": speech_pb2.SAMPLE_FORMAT_FP32}
    kind = f"{samples.dtype.kind}{samples.dtype.itemsize}"
    if kind not in formats:
        raise ValueError(f"samples have dtype {samples.dtype}; they must be int16, or float32 in [-1, 1]")
    if samples.ndim not in (1, 2) or samples.size == 0:
        raise ValueError(f"samples have shape {list(samples.shape)}; they must have [frames] or [frames, channels]")
    return speech_pb2.PcmAudio(
        data=samples.astype(f"<{kind}", copy=False).tobytes(),
        sample_rate_hz=int(rate),
        channels=1 if samples.ndim == 1 else samples.shape[1],
        sample_format=formats[kind],
    )
