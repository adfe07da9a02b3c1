# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""V2 tensors: what fits is read without change, what does not is refused with a sentence."""

import struct
from typing import Any

import numpy as np
import pytest
from argosy import v2
from argosy_worker.engines.port import TensorSpec
from argosy_worker.errors import ArgosyError, InvalidInput, NotImplementedHere
from argosy_worker.serving.v2 import codec, parameters

SPECS = (TensorSpec("x", "FP32", (-1, 4)), TensorSpec("n", "INT8", (-1, 1)))
Request = v2.message("ModelInferRequest")


def request(*tensors: tuple[str, str, list[int]], raw: list[bytes] | None = None) -> Any:
    made = Request(model_name="m")
    for name, datatype, shape in tensors:
        made.inputs.add(name=name, datatype=datatype, shape=shape)
    made.raw_input_contents.extend(raw or [])
    return made


def fitting() -> Any:
    return request(("x", "FP32", [1, 4]), ("n", "INT8", [1, 1]), raw=[np.arange(4, dtype="<f4").tobytes(), b"\x07"])


def read(message: Any) -> dict[str, Any]:
    return dict(codec.read_inputs(message, {spec.name: spec for spec in SPECS}, "m"))


def test_raw_contents_are_read_without_a_copy() -> None:
    arrays = read(fitting())
    assert arrays["x"].tolist() == [[0, 1, 2, 3]]
    assert arrays["n"].tolist() == [[7]]
    assert not arrays["x"].flags.owndata


def test_typed_contents_are_read() -> None:
    message = request(("x", "FP32", [1, 4]), ("n", "INT8", [1, 1]))
    message.inputs[0].contents.fp32_contents.extend([1, 2, 3, 4])
    message.inputs[1].contents.int_contents.append(-5)
    arrays = read(message)
    assert arrays["x"].tolist() == [[1, 2, 3, 4]]
    assert (arrays["n"].dtype, arrays["n"].item()) == (np.int8, -5)


def both_kinds() -> Any:
    message = fitting()
    message.inputs[0].contents.fp32_contents.append(1)
    return message


def wrong_field() -> Any:
    message = request(("x", "FP32", [1, 4]), ("n", "INT8", [1, 1]))
    message.inputs[0].contents.fp64_contents.extend([1, 2, 3, 4])
    return message


def too_wide() -> Any:
    message = request(("x", "FP32", [1, 4]), ("n", "INT8", [1, 1]))
    message.inputs[0].contents.fp32_contents.extend([1, 2, 3, 4])
    message.inputs[1].contents.int_contents.append(300)
    return message


def reshaped(*shape: int) -> Any:
    message = fitting()
    del message.inputs[0].shape[:]
    message.inputs[0].shape.extend(shape)
    return message


def shared_memory() -> Any:
    message = fitting()
    message.inputs[0].parameters["shared_memory_region"].string_param = "r"
    return message


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (request(("x", "FP32", [1, 4]), raw=[b"\0" * 16]), "expected 2 inputs but got 1"),
        (request(("z", "FP32", [1, 4]), raw=[b"\0" * 16]), "unexpected inference input 'z' for model 'm'"),
        (request(("x", "FP32", [1, 4]), ("x", "FP32", [1, 4]), raw=[b"\0" * 16] * 2), "given twice"),
        (request(("x", "FP64", [1, 4]), raw=[b"\0" * 32]), "data-type is 'FP64', but model 'm' expects 'FP32'"),
        (request(("x", "FP32", [1, 4]), raw=[b"\0" * 15]), "takes 16 bytes of FP32, got 15"),
        (request(("x", "FP32", [1, 4]), ("n", "INT8", [1, 1]), raw=[b""]), "2 inputs and 1 raw contents"),
        (request(("x", "FP32", [1, 4]), ("n", "INT8", [1, 1])), "needs data in fp32_contents, got none"),
        (reshaped(1, 8), "Expected [-1,4], got [1,8]"),
        (reshaped(4), "Expected [-1,4], got [4]"),
        (reshaped(-1, 4), "got [-1,4]"),
        (reshaped(1 << 62, 4), "takes"),
        (both_kinds(), "typed contents beside the request's raw contents"),
        (wrong_field(), "needs data in fp32_contents, got ['fp64_contents']"),
        (too_wide(), "a value that INT8 cannot hold"),
    ],
)
def test_tensors_that_do_not_fit_are_refused(message: Any, said: str) -> None:
    with pytest.raises(InvalidInput) as error:
        read(message)
    assert said in error.value.message


def test_shared_memory_is_refused_as_not_implemented() -> None:
    with pytest.raises(NotImplementedHere):
        read(shared_memory())


TEXTS = (TensorSpec("t", "BYTES", (-1, 1)),)


def text_request(raw: bytes, count: int) -> Any:
    return request(("t", "BYTES", [count, 1]), raw=[raw])


def packed(*elements: bytes) -> bytes:
    return b"".join(struct.pack("<I", len(element)) + element for element in elements)


def test_texts_are_read_and_written_with_their_lengths() -> None:
    raw = packed(b"", "grüße".encode())
    arrays = codec.read_inputs(text_request(raw, 2), {"t": TEXTS[0]}, "m")
    assert arrays["t"].tolist() == [[""], ["grüße"]]
    response = v2.message("ModelInferResponse")()
    codec.write_output(response, TEXTS[0], arrays["t"])
    assert response.raw_output_contents[0] == raw
    assert (response.outputs[0].datatype, list(response.outputs[0].shape)) == ("BYTES", [2, 1])


@pytest.mark.parametrize(
    "raw", [b"", b"\1\0\0", b"\xff\xff\xff\xff", packed(b"a"), packed(b"a", b"b", b"c"), packed(b"a", b"b") + b"\0"]
)
def test_texts_that_do_not_match_their_count_are_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInput, match="does not hold 2 elements"):
        codec.read_inputs(text_request(raw, 2), {"t": TEXTS[0]}, "m")


def test_bytes_that_the_engine_would_change_are_refused() -> None:
    with pytest.raises(InvalidInput, match="not UTF-8"):
        codec.read_inputs(text_request(packed(b"\xff"), 1), {"t": TEXTS[0]}, "m")


def test_a_batch_within_the_limit_is_accepted() -> None:
    codec.check_batch({"x": np.zeros((8, 4))}, 8, "m")


@pytest.mark.parametrize("size", [0, 9])
def test_a_batch_outside_the_limit_is_refused(size: int) -> None:
    with pytest.raises(InvalidInput, match="batch-size must be <= 8"):
        codec.check_batch({"x": np.zeros((size, 4))}, 8, "m")


def test_inputs_that_disagree_on_the_batch_are_refused() -> None:
    with pytest.raises(InvalidInput, match="disagree"):
        codec.check_batch({"x": np.zeros((2, 4)), "n": np.zeros((3, 1))}, 8, "m")


@pytest.mark.parametrize(
    ("name", "field", "value", "error"),
    [
        ("sequence_start", "bool_param", True, None),
        ("priority", "uint64_param", 1, None),
        ("mine", "string_param", "anything", None),
        ("triton_enable_empty_final_response", "bool_param", True, None),
        ("sequence_id", "int64_param", 0, None),
        ("priority", "string_param", "high", InvalidInput),
        ("timeout", "bool_param", True, InvalidInput),
        ("triton_mine", "bool_param", True, InvalidInput),
        ("sequence_id", "int64_param", 7, NotImplementedHere),
    ],
)
def test_reserved_parameters_have_fixed_types(
    name: str, field: str, value: object, error: type[ArgosyError] | None
) -> None:
    message = Request()
    setattr(message.parameters[name], field, value)
    if error is None:
        parameters.check_request(message.parameters)
    else:
        with pytest.raises(error):
            parameters.check_request(message.parameters)
