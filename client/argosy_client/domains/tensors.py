# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Any model by its tensors, over the V2 protocol."""

import struct
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from argosy import v2
from numpy.typing import NDArray

from argosy_client.aio_transport import AsyncTransport
from argosy_client.calls import Call, checked_model, checked_version
from argosy_client.errors import bad_answer
from argosy_client.results import TensorResult, Timing
from argosy_client.transport import Transport

#: NumPy's types by their names in V2; texts are "BYTES", held as objects.
DTYPES: Mapping[str, np.dtype[Any]] = {
    "BOOL": np.dtype(np.bool_),
    "UINT8": np.dtype(np.uint8),
    "UINT16": np.dtype("<u2"),
    "UINT32": np.dtype("<u4"),
    "UINT64": np.dtype("<u8"),
    "INT8": np.dtype(np.int8),
    "INT16": np.dtype("<i2"),
    "INT32": np.dtype("<i4"),
    "INT64": np.dtype("<i8"),
    "FP16": np.dtype("<f2"),
    "FP32": np.dtype("<f4"),
    "FP64": np.dtype("<f8"),
}
TEXTS = "BYTES"


def datatype_of(array: NDArray[Any]) -> str:
    """V2's name of an array's type. Raises ValueError for a type that V2 does not carry."""
    if array.dtype.kind in "OSU":
        return TEXTS
    found = [name for name, dtype in DTYPES.items() if dtype == array.dtype.newbyteorder("<")]
    if not found:
        raise ValueError(f"arrays of {array.dtype} cannot be sent; V2 has {', '.join(DTYPES)} and {TEXTS}")
    return found[0]


def from_json(tensors: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Arrays from tensors as golden samples hold them: each with datatype, shape and data.

    Raises:
        KeyError, TypeError, ValueError: they are of another form.
    """
    return {
        name: np.array(one["data"], DTYPES.get(one["datatype"], np.dtype(np.object_))).reshape(one["shape"])
        for name, one in tensors.items()
    }


def infer_call(model: str, inputs: Mapping[str, NDArray[Any]], version: str | int | None) -> Call[TensorResult]:
    """The call that runs a model on tensors."""
    if not checked_model(model):
        raise ValueError("name the model: tensors have no default one")
    request = v2.message("ModelInferRequest")(model_name=model, model_version=checked_version(version))
    for name, value in inputs.items():
        array = np.asarray(value)
        datatype = datatype_of(array)
        request.inputs.add(name=name, datatype=datatype, shape=array.shape)
        raw = _packed(array) if datatype == TEXTS else array.astype(DTYPES[datatype], copy=False).tobytes()
        request.raw_input_contents.append(raw)
    return Call(f"/{v2.SERVICE}/ModelInfer", request, v2.message("ModelInferResponse"), _read, model)


def _read(answer: Any, timing: Timing) -> TensorResult:
    if len(answer.raw_output_contents) != len(answer.outputs):
        raise bad_answer(
            f"the server sent {len(answer.raw_output_contents)} contents for {len(answer.outputs)} tensors"
        )
    outputs = {
        tensor.name: _array(tensor, raw) for tensor, raw in zip(answer.outputs, answer.raw_output_contents, strict=True)
    }
    return TensorResult(outputs, answer.model_name, answer.model_version, timing)


def _array(tensor: Any, raw: bytes) -> NDArray[Any]:
    try:
        if tensor.datatype == TEXTS:
            return np.array([*_unpacked(raw)], np.object_).reshape(tuple(tensor.shape))
        return np.frombuffer(raw, DTYPES[tensor.datatype]).reshape(tuple(tensor.shape))
    except (KeyError, ValueError, struct.error) as error:
        raise bad_answer(f"output '{tensor.name}' cannot be read: {error}") from error


def _packed(array: NDArray[Any]) -> bytes:
    """Elements as V2 has them: each a 4-byte little-endian length and its bytes."""
    elements = (value if isinstance(value, bytes) else str(value).encode() for value in array.ravel())
    return b"".join(struct.pack("<I", len(element)) + element for element in elements)


def _unpacked(raw: bytes) -> Iterator[bytes]:
    place = 0
    while place < len(raw):
        (length,) = struct.unpack_from("<I", raw, place)
        yield raw[place + 4 : place + 4 + length]
        place += 4 + length


class Tensors:
    """Runs any model on tensors.

    Every method raises ArgosyError for a call that failed, and ValueError for an input that cannot be sent.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def infer(
        self,
        model: str,
        inputs: Mapping[str, NDArray[Any]],
        *,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TensorResult:
        """Runs a model once.

        Args:
            model: Name of the model.
            inputs: Each of the graph's inputs by name, of the graph's type and shape; the first dimension is the
                batch where the model has one. Texts are arrays of str or bytes.
            version: Version number or label; None selects the default.
            timeout_s: Deadline in seconds; None selects the client's.
        """
        return self._transport.send(infer_call(model, inputs, version), timeout_s)


class AsyncTensors:
    """Tensors for asyncio: the same method, awaited."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    async def infer(
        self,
        model: str,
        inputs: Mapping[str, NDArray[Any]],
        *,
        version: str | int | None = None,
        timeout_s: float | None = None,
    ) -> TensorResult:
        """See Tensors.infer."""
        return await self._transport.send(infer_call(model, inputs, version), timeout_s)
