# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The example of a codec plug-in, installed beside a real worker and called with tensors."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from argosy import v2

from tests.support import codec
from tests.support.worker import run_worker

SEVEN = (codec.EXAMPLE / "model/golden/seven.rle").read_bytes()


@pytest.fixture(scope="module")
def channel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[grpc.Channel]:
    folder = tmp_path_factory.mktemp("codec")
    environment = codec.environment(codec.install(folder / "packages"))
    codec.add_model(folder / "models")
    waited = [f"model/{codec.NAME}"]
    with (
        run_worker("vision", folder / "models", wait_for=waited, environment=environment) as worker,
        grpc.insecure_channel(worker.address) as opened,
    ):
        yield opened


def infer(channel: grpc.Channel, *runs: bytes) -> Any:
    """The call of a batch of pictures, begun."""
    request = v2.message("ModelInferRequest")(model_name=codec.NAME)
    request.inputs.add(name="runs", datatype="BYTES", shape=[len(runs), 1])
    request.raw_input_contents.append(b"".join(len(each).to_bytes(4, "little") + each for each in runs))
    answer = v2.message("ModelInferResponse").FromString
    method = channel.unary_unary(f"/{v2.SERVICE}/ModelInfer", lambda message: message.SerializeToString(), answer)
    return method.future(request, timeout=20)


def labels(answer: Any) -> bytes:
    """The labels as they came."""
    assert [each.name for each in answer.outputs] == ["label", "score"]
    contents: bytes = answer.raw_output_contents[0]
    return contents


def test_bytes_that_are_no_text_become_pictures_and_labels(channel: grpc.Channel) -> None:
    with pytest.raises(UnicodeDecodeError):
        SEVEN.decode()
    assert labels(infer(channel, SEVEN).result()) == b"\x01\0\0\x007"
    assert labels(infer(channel, SEVEN, SEVEN).result()) == 2 * b"\x01\0\0\x007"


def test_metadata_shows_the_codecs_tensors(channel: grpc.Channel) -> None:
    request = v2.message("ModelMetadataRequest")(name=codec.NAME)
    method = channel.unary_unary(
        f"/{v2.SERVICE}/ModelMetadata",
        lambda message: message.SerializeToString(),
        v2.message("ModelMetadataResponse").FromString,
    )
    found = method(request, timeout=20)
    assert [(each.name, each.datatype, list(each.shape)) for each in found.inputs] == [("runs", "BYTES", [-1, 1])]
    assert [each.name for each in found.outputs] == ["label", "score"]


@pytest.mark.parametrize("runs", [b"", SEVEN[:-1], SEVEN[:-2], SEVEN + b"\xff\xff", b"\xff\0" * 100_000])
def test_runs_that_are_no_picture_are_refused_beside_good_ones(channel: grpc.Channel, runs: bytes) -> None:
    before = [infer(channel, SEVEN) for _ in range(4)]
    bad = infer(channel, SEVEN, runs)
    after = [infer(channel, SEVEN) for _ in range(4)]
    assert bad.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "send pairs of a count and a value for 784" in bad.details()
    for good in (*before, *after):
        assert labels(good.result()) == b"\x01\0\0\x007"
