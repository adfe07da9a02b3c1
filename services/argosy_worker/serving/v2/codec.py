# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""V2 tensors: messages to arrays and back. Wire facts: raw contents are row-major and little-endian, BYTES elements
are a 4-byte little-endian length and the bytes."""

import math
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_worker.engines.port import Tensors, TensorSpec
from argosy_worker.errors import InvalidInput, NotImplementedHere
from argosy_worker.tensors import dtype_of

#: Field of InferTensorContents that carries a datatype; FP16 and BF16 travel raw only.
_TYPED_FIELDS = {
    "BOOL": "bool_contents",
    "INT8": "int_contents",
    "INT16": "int_contents",
    "INT32": "int_contents",
    "INT64": "int64_contents",
    "UINT8": "uint_contents",
    "UINT16": "uint_contents",
    "UINT32": "uint_contents",
    "UINT64": "uint64_contents",
    "FP32": "fp32_contents",
    "FP64": "fp64_contents",
    "BYTES": "bytes_contents",
}


def read_inputs(request: Any, specs: Mapping[str, TensorSpec], model: str) -> Tensors:
    """Reads a ModelInferRequest's inputs as arrays of the declared shapes, without copying raw contents.

    Raises:
        InvalidInput: a tensor is missing, unknown, named twice, or its type, shape or size does not fit.
        NotImplementedHere: a tensor lies in shared memory.
    """
    raw = request.raw_input_contents
    tensors = request.inputs
    if raw and len(raw) != len(tensors):
        raise InvalidInput(f"there are {len(tensors)} inputs and {len(raw)} raw contents for model '{model}'")
    arrays: dict[str, NDArray[Any]] = {}
    for index, tensor in enumerate(tensors):
        name = tensor.name
        spec = specs.get(name)
        if spec is None:
            raise InvalidInput(f"unexpected inference input '{name}' for model '{model}'")
        if name in arrays:
            raise InvalidInput(f"input '{name}' is given twice for model '{model}'")
        if "shared_memory_region" in tensor.parameters:
            raise NotImplementedHere("shared memory is not available")
        arrays[name] = _array(tensor, raw[index] if raw else None, spec, model)
    if len(arrays) < len(specs):
        missing = next(name for name in specs if name not in arrays)
        raise InvalidInput(
            f"expected {len(specs)} inputs but got {len(arrays)}: '{missing}' is missing for model '{model}'"
        )
    return arrays


def write_output(response: Any, spec: TensorSpec, array: NDArray[Any]) -> None:
    """Adds one output to a ModelInferResponse, in raw contents."""
    response.outputs.add(name=spec.name, datatype=spec.datatype, shape=array.shape)
    response.raw_output_contents.append(_encode_bytes(array) if spec.datatype == "BYTES" else array.tobytes())


def check_batch(arrays: Tensors, limit: int, model: str) -> None:
    """Checks that the inputs agree on the first dimension and that it is within the batch size.

    Raises:
        InvalidInput: they do not, or it is not.
    """
    sizes = {array.shape[0] for array in arrays.values()}
    if len(sizes) == 1 and 1 <= next(iter(sizes)) <= limit:
        return
    if len(sizes) > 1:
        raise InvalidInput(f"inputs of model '{model}' disagree on the batch size: {sorted(sizes)}")
    for size in sizes:
        if not 1 <= size <= limit:
            raise InvalidInput(
                f"inference request batch-size must be <= {limit} and at least 1 for model '{model}', got {size}"
            )


def _array(tensor: Any, raw: bytes | None, spec: TensorSpec, model: str) -> NDArray[Any]:
    if tensor.datatype != spec.datatype:
        raise InvalidInput(
            f"inference input '{spec.name}' data-type is '{tensor.datatype}', "
            f"but model '{model}' expects '{spec.datatype}'"
        )
    shape = tuple(tensor.shape)
    if not _fits(shape, spec.shape):
        expected = ",".join(map(str, spec.shape))
        given = ",".join(map(str, shape))
        raise InvalidInput(
            f"unexpected shape for input '{spec.name}' for model '{model}'. Expected [{expected}], got [{given}]"
        )
    count = math.prod(shape)
    typed = tensor.contents.ListFields() if tensor.HasField("contents") else []
    if raw is not None and typed:
        raise InvalidInput(f"input '{spec.name}' has typed contents beside the request's raw contents")
    if raw is None:
        return _typed(typed, spec, count, shape)
    if spec.datatype == "BYTES":
        return _elements(_split(raw, spec.name, count), spec).reshape(shape)
    dtype = dtype_of(spec.datatype)
    if len(raw) != count * dtype.itemsize:
        raise InvalidInput(
            f"input '{spec.name}' of shape {list(shape)} takes {count * dtype.itemsize} bytes of {spec.datatype}, "
            f"got {len(raw)}"
        )
    return np.ndarray(shape, dtype, raw)


def _fits(shape: tuple[int, ...], expected: tuple[int, ...]) -> bool:
    if len(shape) != len(expected):
        return False
    for size, wanted in zip(shape, expected, strict=True):  # noqa: SIM110 - a generator would cost more than the rest
        if size < 0 or (wanted != size and wanted != -1):
            return False
    return True


def _typed(fields: Any, spec: TensorSpec, count: int, shape: tuple[int, ...]) -> NDArray[Any]:
    wanted = _TYPED_FIELDS.get(spec.datatype)
    if wanted is None:
        raise InvalidInput(f"input '{spec.name}' of {spec.datatype} must be sent in raw_input_contents")
    present = [descriptor.name for descriptor, _ in fields]
    if present != [wanted] and not (not present and count == 0):
        raise InvalidInput(f"input '{spec.name}' of {spec.datatype} needs data in {wanted}, got {present or 'none'}")
    values = fields[0][1] if fields else []
    if len(values) != count:
        raise InvalidInput(f"input '{spec.name}' of shape {list(shape)} takes {count} elements, got {len(values)}")
    if spec.datatype == "BYTES":
        return _elements(list(values), spec).reshape(shape)
    dtype = dtype_of(spec.datatype)
    wide = np.array(values)
    narrow = wide.astype(dtype)
    if dtype.kind in "iu" and not np.array_equal(wide, narrow):
        raise InvalidInput(f"input '{spec.name}' has a value that {spec.datatype} cannot hold")
    return narrow.reshape(shape)


def _split(raw: bytes, name: str, count: int) -> list[bytes]:
    elements: list[bytes] = []
    position, end = 0, len(raw)
    while position + 4 <= end and len(elements) < count:
        (length,) = struct.unpack_from("<I", raw, position)
        position += 4
        if position + length > end:
            break
        elements.append(raw[position : position + length])
        position += length
    if position != end or len(elements) != count:
        raise InvalidInput(
            f"input '{name}' of BYTES does not hold {count} elements of a 4-byte length and as many bytes"
        )
    return elements


def _elements(elements: list[bytes], spec: TensorSpec) -> NDArray[Any]:
    """A graph takes text, not bytes: what is not UTF-8 would silently change on its way through it."""
    array = np.empty(len(elements), np.object_)
    try:
        array[:] = elements if spec.binary else [element.decode("utf-8") for element in elements]
    except UnicodeDecodeError as error:
        raise InvalidInput(
            f"input '{spec.name}' of BYTES holds an element that is not UTF-8: {error.reason}"
        ) from error
    return array


def _encode_bytes(array: NDArray[Any]) -> bytes:
    parts: list[bytes] = []
    for element in array.ravel():
        data = element if isinstance(element, bytes) else str(element).encode()
        parts += (struct.pack("<I", len(data)), data)
    return b"".join(parts)
