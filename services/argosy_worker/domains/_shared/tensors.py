# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy.common.v1.Tensor`` to and from arrays, without copying."""

import math
from typing import Any

import numpy as np
from argosy.common.v1.tensor_pb2 import DataType, Tensor
from numpy.typing import NDArray

from argosy_worker.errors import InvalidInput

#: Most dimensions that an array can have.
MAX_RANK = 32

_DTYPES: dict[int, np.dtype[Any]] = {
    DataType.DATA_TYPE_FP32: np.dtype("<f4"),
    DataType.DATA_TYPE_FP64: np.dtype("<f8"),
    DataType.DATA_TYPE_INT32: np.dtype("<i4"),
    DataType.DATA_TYPE_INT64: np.dtype("<i8"),
    DataType.DATA_TYPE_UINT8: np.dtype("u1"),
}


def to_array(tensor: Tensor, field: str) -> NDArray[Any]:
    """The tensor as a read-only array over the message's bytes.

    Raises:
        InvalidInput: DATA_TYPE_UNSUPPORTED or SHAPE_MISMATCH.
    """
    dtype = _DTYPES.get(tensor.data_type)
    if dtype is None:
        raise InvalidInput(
            f"{field}.data_type is {type_name(tensor.data_type)}; "
            f"use one of {', '.join(type_name(known) for known in _DTYPES)}",
            reason="DATA_TYPE_UNSUPPORTED",
            metadata={"field": field},
        )
    shape, data = tuple(tensor.shape), tensor.data
    if len(shape) > MAX_RANK or min(shape, default=0) < 0:
        raise _mismatch(field, f"has at most {MAX_RANK} extents, none negative, not {_short(shape)}")
    needed = math.prod(shape) * dtype.itemsize
    if needed != len(data):
        raise _mismatch(field, f"{_short(shape)} needs {needed} bytes of data, and {len(data)} were sent")
    array: NDArray[Any] = np.frombuffer(data, dtype)
    return array.reshape(shape)


def from_vectors(array: NDArray[Any]) -> Tensor:
    """An array as an FP32 tensor."""
    data = np.ascontiguousarray(array, dtype="<f4").tobytes()
    return Tensor(data_type=DataType.DATA_TYPE_FP32, shape=array.shape, data=data)


def type_name(data_type: int) -> str:
    """Name of a data type for messages; its number where it is unknown."""
    return DataType.Name(data_type) if data_type in DataType.values() else str(data_type)


def _mismatch(field: str, text: str) -> InvalidInput:
    return InvalidInput(f"{field}.shape {text}", reason="SHAPE_MISMATCH", metadata={"field": field})


def _short(shape: tuple[int, ...]) -> str:
    return str(list(shape)) if len(shape) <= MAX_RANK else f"{len(shape)} extents"
