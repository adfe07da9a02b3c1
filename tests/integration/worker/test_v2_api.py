# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The V2 API with a stock V2 client, against a worker's own port."""

from collections.abc import Iterator

import grpc
import numpy as np
import pytest
import tritonclient.grpc as triton
from argosy import v2
from argosy.status import unpack
from tritonclient.utils import InferenceServerException

from tests.support.envoy import wait_for
from tests.support.worker import WorkerProcess


@pytest.fixture(scope="module")
def client(worker: WorkerProcess) -> Iterator[triton.InferenceServerClient]:
    with triton.InferenceServerClient(worker.address) as opened:
        yield opened


def rows(count: int = 1) -> triton.InferInput:
    tensor = triton.InferInput("x", [count, 4], "FP32")
    tensor.set_data_from_numpy(np.arange(count * 4, dtype=np.float32).reshape(count, 4))
    return tensor


def failure(error: InferenceServerException) -> str:
    return f"{error.status()}: {error.message()}"


def test_server_and_models_tell_whether_they_are_ready(client: triton.InferenceServerClient) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready("scale")
    assert client.is_model_ready("scale", "1")
    assert not client.is_model_ready("scale", "9")
    assert not client.is_model_ready("corrupt")
    assert not client.is_model_ready("nope")


def test_metadata_describes_server_and_model(client: triton.InferenceServerClient) -> None:
    server = client.get_server_metadata()
    assert (server.name, list(server.extensions)) == ("argosy", [])
    model = client.get_model_metadata("scale")
    assert (model.name, list(model.versions), model.platform) == ("scale", ["2", "1"], "onnxruntime_onnx")
    assert [(spec.name, spec.datatype, list(spec.shape)) for spec in model.inputs] == [("x", "FP32", [-1, 4])]


def test_tensors_go_through_the_model_and_the_id_comes_back(client: triton.InferenceServerClient) -> None:
    result = client.infer("scale", [rows(3)], request_id="seven", priority=1, timeout=1000)
    assert np.array_equal(result.as_numpy("y"), np.arange(12, dtype=np.float32).reshape(3, 4) * 3)
    response = result.get_response()
    assert (response.id, response.model_name, response.model_version) == ("seven", "scale", "2")
    assert len(response.raw_output_contents) == 1
    older = client.infer("scale", [rows()], model_version="1", outputs=[triton.InferRequestedOutput("y")])
    assert older.as_numpy("y").tolist() == [[0, 2, 4, 6]]


def test_gzip_is_accepted(client: triton.InferenceServerClient) -> None:
    result = client.infer("scale", [rows()], compression_algorithm="gzip")
    assert result.as_numpy("y").shape == (1, 4)


def test_texts_go_through(client: triton.InferenceServerClient) -> None:
    tensor = triton.InferInput("x", [2, 1], "BYTES")
    tensor.set_data_from_numpy(np.array([["grüße"], [""]], np.object_))
    result = client.infer("texts", [tensor])
    assert [element.decode() for element in result.as_numpy("y").ravel()] == ["grüße", ""]


@pytest.mark.parametrize(
    ("model", "version", "said"),
    [
        ("nope", "", "StatusCode.NOT_FOUND: Request for unknown model: 'nope' is not found"),
        ("scale", "99", "StatusCode.NOT_FOUND: Request for unknown model: 'scale' version 99 is not found"),
        ("scale", "one", "StatusCode.INVALID_ARGUMENT: 'one' is neither a version number nor a label"),
        ("scale", "01", "StatusCode.INVALID_ARGUMENT: '01' is neither a version number nor a label"),
        ("scale", "\u0661", "StatusCode.INVALID_ARGUMENT: '\u0661' is neither a version number nor a label"),
        ("corrupt", "", "StatusCode.UNAVAILABLE: model 'corrupt' is not at ready state"),
        ("", "", "StatusCode.INVALID_ARGUMENT: model name is required"),
    ],
)
def test_unknown_models_and_versions(client: triton.InferenceServerClient, model: str, version: str, said: str) -> None:
    with pytest.raises(InferenceServerException) as error:
        client.infer(model, [rows()], model_version=version)
    assert failure(error.value).startswith(said)


@pytest.mark.parametrize(
    ("outputs", "said"),
    [
        ([triton.InferRequestedOutput("z")], "StatusCode.INVALID_ARGUMENT: unexpected inference output 'z'"),
        ([triton.InferRequestedOutput("y", class_count=3)], "StatusCode.UNIMPLEMENTED: output 'y': classification"),
    ],
)
def test_outputs_that_cannot_be_returned(
    client: triton.InferenceServerClient, outputs: list[triton.InferRequestedOutput], said: str
) -> None:
    with pytest.raises(InferenceServerException) as error:
        client.infer("scale", [rows()], outputs=outputs)
    assert failure(error.value).startswith(said)


def test_a_batch_over_the_limit_is_refused(client: triton.InferenceServerClient) -> None:
    with pytest.raises(InferenceServerException, match="batch-size must be <= 8"):
        client.infer("scale", [rows(9)])


def test_a_sequence_is_refused_as_not_implemented(client: triton.InferenceServerClient) -> None:
    with pytest.raises(InferenceServerException) as error:
        client.infer("scale", [rows()], sequence_id=7, sequence_start=True)
    assert error.value.status() == "StatusCode.UNIMPLEMENTED"


def test_values_that_a_model_cannot_run_on_are_an_invalid_argument_without_the_engines_words(
    client: triton.InferenceServerClient, worker: WorkerProcess
) -> None:
    tensor = triton.InferInput("x", [1, 1], "INT64")
    tensor.set_data_from_numpy(np.array([[10**9]], np.int64))
    with pytest.raises(InferenceServerException) as error:
        client.infer("lookup", [tensor])
    assert error.value.status() == "StatusCode.INVALID_ARGUMENT"
    assert "Gather" not in error.value.message()
    wait_for(
        lambda: any("engine fault" in line and "Gather" in line for line in list(worker.log)), "the line about the call"
    )
    tensor.set_data_from_numpy(np.array([[3]], np.int64))
    assert client.infer("lookup", [tensor]).as_numpy("y").item() == 3


def test_shared_memory_can_be_forgotten_but_not_registered(client: triton.InferenceServerClient) -> None:
    client.unregister_system_shared_memory()
    client.unregister_cuda_shared_memory()
    with pytest.raises(InferenceServerException, match="not implemented"):
        client.register_system_shared_memory("region", "/key", 64)


def test_rpcs_of_later_are_unimplemented(channel: grpc.Channel) -> None:
    later = [
        "ModelConfig",
        "ModelStatistics",
        "RepositoryIndex",
        "RepositoryModelLoad",
        "RepositoryModelUnload",
        "SystemSharedMemoryStatus",
        "SystemSharedMemoryRegister",
        "CudaSharedMemoryStatus",
        "CudaSharedMemoryRegister",
        "TraceSetting",
        "LogSettings",
    ]
    for name in later:
        with pytest.raises(grpc.RpcError) as error:
            channel.unary_unary(f"/{v2.SERVICE}/{name}", None, None)(b"", timeout=10)
        assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED
        assert unpack("", error.value.trailing_metadata()).reason == "NOT_IMPLEMENTED"
    with pytest.raises(grpc.RpcError) as error:
        list(channel.stream_stream(f"/{v2.SERVICE}/ModelStreamInfer", None, None)(iter([b""]), timeout=10))
    assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_our_protocol_is_the_clients_on_the_wire() -> None:
    """Every message and field of the client's own copy has the same number and type in ours."""
    ours = v2.service().file.pool
    theirs = triton.service_pb2.DESCRIPTOR
    pending = [theirs.message_types_by_name[name] for name in theirs.message_types_by_name]
    assert [method.name for method in v2.service().methods] == [
        method.name for method in theirs.services_by_name["GRPCInferenceService"].methods
    ]
    while pending:
        message = pending.pop()
        mine = ours.FindMessageTypeByName(message.full_name)
        for field in message.fields:
            same = mine.fields_by_name[field.name]
            assert (same.number, same.type, same.is_repeated) == (field.number, field.type, field.is_repeated)
        pending.extend(message.nested_types)
