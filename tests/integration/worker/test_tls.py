# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A worker that wants TLS speaks to those who show a certificate of its authority, and to nobody else."""

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from argosy.fleet.v1 import worker_pb2, worker_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.support.certificates import authority, certificate
from tests.support.envoy import free_ports
from tests.support.models import add_model
from tests.support.worker import WorkerProcess, await_health, run_worker

NAME = "worker.argosy"


class Secured:
    """A worker with TLS, its authority, and where its certificate is."""

    def __init__(self, worker: WorkerProcess, health_port: int, folder: Path, signer: Path) -> None:
        self.worker, self.health_port, self.folder, self.signer = worker, health_port, folder, signer


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """A worker with one model."""
    folder = tmp_path_factory.mktemp("tls")
    add_model(folder / "repository", "m")
    signer = authority(folder, "ours")
    own = certificate(signer, folder / "worker", NAME)
    (port,) = free_ports(1)
    options = ("--tls-folder", str(own), "--health-port", str(port))
    with run_worker("tabular", folder / "repository", *options, wait_for=[]) as worker:
        await_health(f"127.0.0.1:{port}", "models")
        yield Secured(worker, port, folder, signer)


def dial(worker: WorkerProcess, trusted: Path, shown: Path | None) -> grpc.Channel:
    """A channel that trusts an authority, and shows a certificate or none."""
    key, chain = ((shown / "tls.key").read_bytes(), (shown / "tls.crt").read_bytes()) if shown else (None, None)
    credentials = grpc.ssl_channel_credentials((trusted / "ca.crt").read_bytes(), key, chain)
    options = (("grpc.ssl_target_name_override", NAME), ("grpc.use_local_subchannel_pool", 1))
    return grpc.secure_channel(worker.address, credentials, options=options)


def answers(channel: grpc.Channel) -> bool:
    """Whether a worker sends its state."""
    with channel:
        stub = worker_pb2_grpc.WorkerServiceStub(channel)
        try:
            return next(stub.WatchState(worker_pb2.WatchStateRequest(), timeout=5)).HasField("snapshot")
        except grpc.RpcError as error:
            assert error.code() is grpc.StatusCode.UNAVAILABLE
            return False


def test_only_a_certificate_of_the_authority_is_let_in(secured: Secured, tmp_path: Path) -> None:
    gateway = certificate(secured.signer, tmp_path / "gateway", "gateway.argosy")
    stranger = certificate(authority(tmp_path, "theirs"), tmp_path / "stranger", "gateway.argosy")
    assert answers(dial(secured.worker, secured.signer, gateway))
    assert not answers(dial(secured.worker, secured.signer, stranger))
    assert not answers(dial(secured.worker, secured.signer, None))
    assert not answers(grpc.insecure_channel(secured.worker.address))


def test_probes_ask_for_health_without_a_certificate_and_get_nothing_else(secured: Secured) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{secured.health_port}") as channel:
        request = health_pb2.HealthCheckRequest(service="argosy.fleet.v1.WorkerService")
        answer = health_pb2_grpc.HealthStub(channel).Check(request, timeout=5)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        with pytest.raises(grpc.RpcError) as error:
            next(worker_pb2_grpc.WorkerServiceStub(channel).WatchState(worker_pb2.WatchStateRequest(), timeout=5))
        assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_certificate_that_is_renewed_is_shown_to_the_next_caller(secured: Secured, tmp_path: Path) -> None:
    renewed = authority(tmp_path, "renewed")
    gateway = certificate(renewed, tmp_path / "gateway", "gateway.argosy")
    assert not answers(dial(secured.worker, renewed, gateway))
    try:
        certificate(renewed, secured.folder / "worker", NAME)
        assert answers(dial(secured.worker, renewed, gateway))
    finally:
        certificate(secured.signer, secured.folder / "worker", NAME)


def test_a_worker_without_its_certificate_does_not_start(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    add_model(tmp_path / "repository", "m")
    with (
        pytest.raises(AssertionError),
        run_worker("tabular", tmp_path / "repository", "--tls-folder", str(tmp_path), wait_for=[]),
    ):
        pass
