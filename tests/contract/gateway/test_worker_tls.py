# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A gateway and workers that show each other certificates."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import grpc
from argosy_gateway.worker_tls import WORKER_NAME

from tests.contract.gateway.calls import V2, call, open_channel
from tests.contract.gateway.standin import message
from tests.support.certificates import authority, certificate
from tests.support.envoy import Gateway, free_ports, run_gateway, wait_for
from tests.support.models import add_model
from tests.support.worker import WorkerProcess, await_health, run_worker


@contextmanager
def worker(folder: Path, certificates: Path, name: str) -> Iterator[WorkerProcess]:
    """A worker with TLS and one model."""
    add_model(folder / "repository", "m")
    (port,) = free_ports(1)
    options = ("--tls-folder", str(certificates), "--health-port", str(port), "--drain-s", "0", "--replica", name)
    with run_worker("tabular", folder / "repository", *options, wait_for=[]) as running:
        await_health(f"127.0.0.1:{port}", "models")
        yield running


@contextmanager
def gateway(folder: Path, before: WorkerProcess, certificates: Path) -> Iterator[Gateway]:
    """A gateway that shows certificates to workers."""
    (folder / "gateway").mkdir()
    told = ("--worker-tls", str(certificates))
    control_plane = (*told, "--envoy-secrets", str(folder / "gateway"))
    with run_gateway([("tabular", before.address)], folder / "gateway", *control_plane, envoy_options=told) as running:
        yield running


def replica(channel: grpc.Channel) -> str:
    """Which worker answers through the gateway; empty where none does."""
    return call(channel, f"{V2}/ModelReady", message("inference.ModelReadyRequest")(name="m"), timeout=5).replica


def test_calls_reach_workers_over_tls_and_go_on_when_all_certificates_are_renewed(tmp_path: Path) -> None:
    first = authority(tmp_path, "first")
    shown, held = tmp_path / "gateway-certificate", tmp_path / "worker-certificate"
    certificate(first, shown, "gateway.argosy")
    certificate(first, held, WORKER_NAME)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with ExitStack() as stack:
        a = stack.enter_context(worker(tmp_path / "a", held, "a"))
        at = stack.enter_context(gateway(tmp_path, a, shown))
        channel = stack.enter_context(open_channel(at.address))
        assert replica(channel) == "a"
        # As Kubernetes does it: the worker's files and the gateway's change, some time apart, and nothing restarts.
        second = authority(tmp_path, "second")
        certificate(second, held, WORKER_NAME)
        certificate(second, shown, "gateway.argosy")
        assert replica(channel) == "a"
        b = stack.enter_context(worker(tmp_path / "b", held, "b"))
        at.write_fleet([("tabular", a.address), ("tabular", b.address)])
        answers: set[str] = set()

        def b_answers() -> bool:
            answers.add(replica(channel))
            return "b" in answers

        wait_for(b_answers, "the worker with the new certificate to answer", at)
        assert answers <= {"a", "b"}, "no call in between fails"


def test_a_worker_whose_certificate_is_for_another_name_gets_no_calls(tmp_path: Path) -> None:
    signer = authority(tmp_path, "ours")
    shown = certificate(signer, tmp_path / "gateway-certificate", "gateway.argosy")
    held = certificate(signer, tmp_path / "worker-certificate", "somebody.else")
    with worker(tmp_path, held, "a") as impostor, gateway(tmp_path, impostor, shown) as at:
        wait_for(lambda: "worker unreachable" in at.log("control_plane"), "the control plane to refuse it", at)
        with open_channel(at.address) as channel:
            assert replica(channel) == ""
