# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Tensors over the V2 protocol: what is sent, and how answers are read."""

import numpy as np
import pytest
from argosy import v2
from argosy_client.domains.tensors import infer_call
from argosy_client.errors import ArgosyError
from argosy_client.results import Timing

TIMING = Timing(1.0)


@pytest.mark.parametrize(
    ("array", "datatype"),
    [
        (np.array([[1.5, 2]], np.float32), "FP32"),
        (np.array([[1.5, 2]], ">f8"), "FP64"),
        (np.array([1.5], np.float16), "FP16"),
        (np.array([True, False]), "BOOL"),
        (np.array(7, np.int64), "INT64"),
        (np.zeros((0, 3), np.uint8), "UINT8"),
        (np.array([["grüße", ""]], object), "BYTES"),
        (np.array([b"\x00\xff"], object), "BYTES"),
    ],
)
def test_an_array_comes_back_as_it_was_sent(array: np.ndarray, datatype: str) -> None:
    call = infer_call("m", {"x": array}, 3)
    sent = call.request.inputs[0]
    assert (sent.name, sent.datatype, tuple(sent.shape)) == ("x", datatype, array.shape)
    assert (call.request.model_name, call.request.model_version, call.model) == ("m", "3", "m")
    answer = v2.message("ModelInferResponse")(model_name="m", model_version="3")
    answer.outputs.add(name="y", datatype=datatype, shape=array.shape)
    answer.raw_output_contents.append(call.request.raw_input_contents[0])
    result = call.read(answer, TIMING)
    texts = [value.encode() if isinstance(value, str) else value for value in array.ravel().tolist()]
    assert result.outputs["y"].ravel().tolist() == texts
    assert result.outputs["y"].shape == array.shape


def test_what_cannot_be_sent_is_refused_before_any_call() -> None:
    with pytest.raises(ValueError, match="complex128 cannot be sent"):
        infer_call("m", {"x": np.array([1j])}, None)
    with pytest.raises(ValueError, match="name the model"):
        infer_call("", {"x": np.zeros(1)}, None)


@pytest.mark.parametrize(
    ("datatype", "raw"), [("FP32", b"123"), ("FP99", b""), ("BYTES", b"\x05\x00"), ("BYTES", b"\x01\x00\x00\x00ab")]
)
def test_an_answer_that_is_not_what_the_contract_says_is_an_error(datatype: str, raw: bytes) -> None:
    answer = v2.message("ModelInferResponse")(raw_output_contents=[raw])
    answer.outputs.add(name="y", datatype=datatype, shape=[1])
    with pytest.raises(ArgosyError, match="BAD_ANSWER"):
        infer_call("m", {"x": np.zeros(1)}, None).read(answer, TIMING)
    with pytest.raises(ArgosyError, match="contents for"):
        infer_call("m", {"x": np.zeros(1)}, None).read(
            v2.message("ModelInferResponse")(raw_output_contents=[b""]), TIMING
        )
