# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The typed API on a worker's own port: who answers, what the trailers say, how bad calls end."""

import gzip
import time
from pathlib import Path

import grpc
import pytest
from argosy.status import DOMAIN, Problem, unpack
from argosy.tabular.v1 import tabular_pb2, tabular_pb2_grpc
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from tests.support.worker import WorkerProcess

PATH = "/argosy.tabular.v1.TabularService/Predict"


def request(**fields: str) -> tabular_pb2.PredictRequest:
    return tabular_pb2.PredictRequest(rows=[tabular_pb2.Row(values=[1, 2, 3, 4])], **fields)


def predict(channel: grpc.Channel) -> grpc.UnaryUnaryMultiCallable:
    return tabular_pb2_grpc.TabularServiceStub(channel).Predict


def refusal(error: grpc.RpcError) -> tuple[grpc.StatusCode, Problem]:
    """Returns code and problem; there must be exactly one ErrorInfo, of our domain."""
    trailers = error.trailing_metadata()
    status = Status.FromString(dict(trailers)["grpc-status-details-bin"])
    infos = [ErrorInfo.FromString(detail.value) for detail in status.details if detail.Is(ErrorInfo.DESCRIPTOR)]
    assert [info.domain for info in infos] == [DOMAIN]
    assert status.code == error.code().value[0]
    return error.code(), unpack(error.details(), trailers)


def refused(
    channel: grpc.Channel, message: tabular_pb2.PredictRequest, metadata: tuple[tuple[str, str], ...] = ()
) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as error:
        predict(channel)(message, timeout=10, metadata=metadata)
    code, problem = refusal(error.value)
    return code, problem.reason


def test_the_default_model_and_its_newest_version_answer(channel: grpc.Channel) -> None:
    response = predict(channel)(request(), timeout=10)
    assert (response.model, response.version) == ("scale", "2")
    assert list(response.predictions[0].values) == [3, 6, 9, 12]


def test_every_answer_tells_who_computed_it_and_how_long(channel: grpc.Channel, worker: WorkerProcess) -> None:
    _, call = predict(channel).with_call(request(version="1"), timeout=10)
    trailers = {item.key: item.value for item in call.trailing_metadata()}
    assert trailers["argosy-model"] == "scale"
    assert trailers["argosy-version"] == "1"
    assert trailers["argosy-replica"].endswith(str(worker.port))
    assert trailers["argosy-device"] == "cpu"
    assert trailers["argosy-batch-size"] == "1"
    assert float(trailers["argosy-queue-ms"]) >= 0
    assert float(trailers["argosy-compute-ms"]) > 0


@pytest.mark.parametrize(
    ("fields", "metadata", "version"),
    [
        ({"version": "1"}, (), "1"),
        ({}, (("argosy-version", "1"),), "1"),
        ({"version": "2"}, (("argosy-version", "1"),), "2"),
        ({"model": "scale"}, (("x-model", "scale"),), "2"),
        ({}, (("x-model", "scale"),), "2"),
    ],
)
def test_message_and_metadata_choose_the_version(
    channel: grpc.Channel, fields: dict[str, str], metadata: tuple[tuple[str, str], ...], version: str
) -> None:
    assert predict(channel)(request(**fields), timeout=10, metadata=metadata).version == version


@pytest.mark.parametrize(
    ("fields", "metadata", "code", "reason"),
    [
        ({"model": "nope"}, (), grpc.StatusCode.NOT_FOUND, "MODEL_NOT_FOUND"),
        ({"version": "9"}, (), grpc.StatusCode.NOT_FOUND, "VERSION_NOT_FOUND"),
        ({"version": "01"}, (), grpc.StatusCode.NOT_FOUND, "VERSION_NOT_FOUND"),
        ({"version": "\u0661"}, (), grpc.StatusCode.NOT_FOUND, "VERSION_NOT_FOUND"),
        ({"version": "canary"}, (), grpc.StatusCode.NOT_FOUND, "VERSION_NOT_FOUND"),
        ({"model": "tensors"}, (), grpc.StatusCode.FAILED_PRECONDITION, "METHOD_NOT_SUPPORTED"),
        ({"model": "corrupt"}, (), grpc.StatusCode.UNAVAILABLE, "MODEL_NOT_READY"),
        ({"model": "scale"}, (("x-model", "lookup"),), grpc.StatusCode.INVALID_ARGUMENT, "MODEL_MISMATCH"),
        ({}, (("x-model", "nope"),), grpc.StatusCode.NOT_FOUND, "MODEL_NOT_FOUND"),
    ],
)
def test_calls_that_cannot_be_served_end_with_one_error_info(
    channel: grpc.Channel,
    fields: dict[str, str],
    metadata: tuple[tuple[str, str], ...],
    code: grpc.StatusCode,
    reason: str,
) -> None:
    assert refused(channel, request(**fields), metadata) == (code, reason)


def raw_call(channel: grpc.Channel, path: str, payload: bytes, **options: object) -> bytes:
    answer: bytes = channel.unary_unary(path, None, None)(payload, timeout=10, **options)
    return answer


def test_a_message_that_does_not_parse_is_an_invalid_argument(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as error:
        raw_call(channel, PATH, b"\xff\xff\xff")
    code, problem = refusal(error.value)
    assert (code, problem.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "MESSAGE_MALFORMED")


@pytest.mark.parametrize("path", ["/argosy.tabular.v1.TabularService/Nope", "/no.such.Service/Method"])
def test_an_unknown_method_is_unimplemented(channel: grpc.Channel, path: str) -> None:
    with pytest.raises(grpc.RpcError) as error:
        raw_call(channel, path, b"")
    code, problem = refusal(error.value)
    assert (code, problem.reason) == (grpc.StatusCode.UNIMPLEMENTED, "METHOD_UNKNOWN")


def test_a_message_over_the_limit_is_refused_with_the_limit(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as error:
        raw_call(channel, PATH, bytes((64 << 20) + 1))
    code, problem = refusal(error.value)
    assert (code, problem.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE")
    assert problem.metadata["max_bytes"] == str(64 << 20)


def test_gzip_is_accepted(channel: grpc.Channel) -> None:
    response = predict(channel)(request(), timeout=10, compression=grpc.Compression.Gzip)
    assert len(response.predictions) == 1


def test_a_message_that_unpacks_to_more_than_the_limit_harms_nobody(
    channel: grpc.Channel, worker: WorkerProcess
) -> None:
    before = peak_kib(worker)
    bomb = bytes(256 << 20)
    with grpc.insecure_channel(worker.address, options=[("grpc.max_send_message_length", -1)]) as sender:
        with pytest.raises(grpc.RpcError) as error:
            raw_call(sender, PATH, bomb, compression=grpc.Compression.Gzip)
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert len(gzip.compress(bomb, 1)) < 4 << 20, "small on the wire"
    assert peak_kib(worker) - before < 200 << 10, "and not unpacked in the worker"
    assert predict(channel)(request(), timeout=10).model == "scale"


def peak_kib(worker: WorkerProcess) -> int:
    status = Path(f"/proc/{worker.process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def test_an_expired_deadline_ends_at_once_and_the_worker_goes_on(channel: grpc.Channel) -> None:
    started = time.monotonic()
    with pytest.raises(grpc.RpcError) as error:
        predict(channel)(request(), timeout=-1)
    assert error.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert time.monotonic() - started < 5
    assert predict(channel)(request(), timeout=10).model == "scale"
