# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from argosy_gateway.local import checks
from argosy_gateway.local.errors import CannotRun
from argosy_gateway.local.plan import Port, ProcessSpec


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def spec(name: str, *ports: int) -> ProcessSpec:
    return ProcessSpec(name, ("true",), tuple(Port("127.0.0.1", port, "--some-port") for port in ports))


def model(repository: Path, name: str, *, yaml: str = "", version: str = "1", graph: bool = True) -> Path:
    folder = repository / name
    (folder / version).mkdir(parents=True)
    (folder / "model.yaml").write_text(yaml)
    if graph:
        (folder / version / "model.onnx").write_bytes(b"graph")
    return folder


def test_an_old_python_is_refused_and_named() -> None:
    with pytest.raises(CannotRun, match=r"3\.11 or newer is needed; this is 3\.9\.2"):
        checks.python((3, 9, 2))
    checks.python()


def test_a_taken_port_is_named_with_its_process_and_setting(taken: int) -> None:
    with pytest.raises(CannotRun, match=rf"{taken}, wanted by worker vision, is taken; .*--some-port"):
        checks.ports([spec("worker vision", taken)])


def test_a_port_shared_by_so_reuseport_counts_as_taken() -> None:
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with pytest.raises(CannotRun, match="is taken"):
            checks.ports([spec("envoy", holder.getsockname()[1])])


def test_a_port_that_two_processes_want_is_refused() -> None:
    with pytest.raises(CannotRun, match="wanted by envoy and by worker nlp"):
        checks.ports([spec("envoy", 0), spec("worker nlp", 0)])


def test_an_address_of_another_machine_is_refused() -> None:
    foreign = ProcessSpec("envoy", ("true",), (Port("192.0.2.1", 8080, "--port"),))
    with pytest.raises(CannotRun, match=r"192\.0\.2\.1:8080, wanted by envoy, cannot be used"):
        checks.ports([foreign])


def test_the_gateway_listens_on_an_ip_address_only() -> None:
    checks.bind("::1")
    with pytest.raises(CannotRun, match="not 'localhost'"):
        checks.bind("localhost")


def test_the_models_of_a_repository_are_its_folders(tmp_path: Path) -> None:
    model(tmp_path, "digits")
    model(tmp_path, "shapes")
    (tmp_path / ".git").mkdir()
    (tmp_path / "notes").mkdir()
    (tmp_path / "README.md").write_text("models")
    assert checks.models(tmp_path) == ("digits", "shapes")


def test_a_missing_graph_is_named(tmp_path: Path) -> None:
    model(tmp_path, "digits", graph=False)
    with pytest.raises(CannotRun, match=r"digits/1/model\.onnx is missing"):
        checks.models(tmp_path)


def test_a_model_without_any_version_is_told_of_its_missing_graph(tmp_path: Path) -> None:
    (tmp_path / "digits").mkdir()
    (tmp_path / "digits" / "model.yaml").touch()
    with pytest.raises(CannotRun, match=r"digits/1/model\.onnx is missing"):
        checks.models(tmp_path)


def test_a_model_of_another_engine_needs_no_onnx_file(tmp_path: Path) -> None:
    model(tmp_path, "simulated", yaml="execution: {engine: simulated}", graph=False)
    assert checks.models(tmp_path) == ("simulated",)


def test_an_unreadable_model_yaml_is_left_to_the_worker(tmp_path: Path) -> None:
    model(tmp_path, "digits", yaml="{", graph=False)
    assert checks.models(tmp_path) == ("digits",)


def test_a_missing_or_empty_repository_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match="vision is missing"):
        checks.models(tmp_path / "vision")
    with pytest.raises(CannotRun, match="holds no model"):
        checks.models(tmp_path)


def test_an_envoy_that_cannot_run_is_refused_with_what_the_system_says(tmp_path: Path) -> None:
    broken = tmp_path / "envoy"
    broken.write_text("#!/bin/sh\necho 'GLIBC_9.9 not found' >&2\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(CannotRun, match=r"does not run on this machine: GLIBC_9\.9 not found"):
        checks.envoy(broken)
    with pytest.raises(CannotRun, match="does not run on this machine"):
        checks.envoy(tmp_path / "absent")
