# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import sys
from pathlib import Path

import pytest
from argosy_gateway.local import fleet_file, plan
from argosy_gateway.local.errors import CannotRun
from argosy_gateway.local.fleet_file import LocalProgram, LocalWorker
from argosy_gateway.local.options import Options


def option(command: tuple[str, ...], name: str) -> str:
    return command[command.index(name) + 1]


def worker(domain: str, port: int, metrics_port: int | None = None) -> LocalWorker:
    return LocalWorker(domain, "127.0.0.1", port, Path("models") / domain, metrics_port)


def test_a_worker_is_told_its_domain_repository_address_and_metrics_port() -> None:
    (spec,) = plan.workers(Options(), [worker("vision", 8101, 9101)])
    assert spec.name == "worker vision"
    assert spec.command[1:4] == ("-m", "argosy_worker", "vision")
    assert option(spec.command, "--repository") == "models/vision"
    assert option(spec.command, "--bind") == "127.0.0.1"
    assert option(spec.command, "--port") == "8101"
    assert option(spec.command, "--metrics-port") == "9101"
    assert [port.number for port in spec.ports] == [8101, 9101]


def test_two_workers_of_a_domain_have_names_and_logs_of_their_own() -> None:
    first, second = plan.workers(Options(), [worker("nlp", 8101), worker("nlp", 8102)])
    assert (first.name, second.name) == ("worker nlp:8101", "worker nlp:8102")
    assert first.log_name != second.log_name


def test_only_the_gateway_listens_where_it_is_told_to() -> None:
    options = Options(bind="10.1.2.3", port=9000)
    assert plan.bootstrap_options(options).bind == "10.1.2.3"
    control = plan.control_plane(options)
    assert option(control.command, "--bind") == "127.0.0.1"
    assert option(control.command, "--gateway-address") == "10.1.2.3:9000"
    standby = plan.standby(options)
    assert option(standby.command, "--bind") == "127.0.0.1"
    gateway, admin = plan.envoy(options, Path("envoy"), 2).ports
    assert (gateway.host, admin.host) == ("10.1.2.3", "127.0.0.1")


def test_envoy_turns_to_the_standby_which_serves_what_the_control_plane_keeps() -> None:
    options = Options(control_port=7000)
    standby = plan.standby(options)
    assert plan.bootstrap_options(options).standby == "127.0.0.1:7002"
    assert option(standby.command, "--port") == "7002"
    assert option(standby.command, "--control-plane") == "127.0.0.1:7000"
    assert option(standby.command, "--snapshot") == option(plan.control_plane(options).command, "--snapshot")


def test_a_gateway_on_all_addresses_is_reached_on_the_loopback() -> None:
    everywhere = ".".join("0000")
    assert Options(bind=everywhere, port=9000).gateway_address == "127.0.0.1:9000"


def test_an_ipv6_address_is_written_in_brackets() -> None:
    assert Options(bind="::", port=9000).gateway_address == "[::1]:9000"


def test_fleets_on_other_ports_keep_other_logs() -> None:
    assert Options(port=1).logs != Options(port=2).logs


def test_only_workers_with_a_repository_are_started_here(tmp_path: Path) -> None:
    document = tmp_path / "fleet.yaml"
    document.write_text(
        "workers:\n"
        '- {domain: vision, address: "127.0.0.1:1", repository: here, metrics: "127.0.0.1:2"}\n'
        '- {domain: nlp, address: "10.0.0.1:1"}\n'
    )
    assert fleet_file.read(document).workers == (LocalWorker("vision", "127.0.0.1", 1, Path("here"), 2),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "no such fleet document"),
        ("workers: [{domain: nlp, address: '10.0.0.1:1'}]", "nothing to start"),
        ("workers: [{domain: nlp, address: nowhere}]", "address"),
    ],
)
def test_an_unusable_fleet_document_is_refused_in_one_line(tmp_path: Path, text: str | None, expected: str) -> None:
    document = tmp_path / "fleet.yaml"
    if text is not None:
        document.write_text(text)
    with pytest.raises(CannotRun, match=expected) as refused:
        fleet_file.read(document)
    assert "\n" not in str(refused.value)


def test_a_program_is_told_where_the_fleet_is_and_runs_on_the_same_interpreter() -> None:
    command = ("python", "serve.py", "--control-plane", "{control_plane}", "--fleet={gateway}", "{gateway}")
    (spec,) = plan.programs(Options(port=9000, control_port=7000), [LocalProgram("shop", "127.0.0.1", 8090, command)])
    assert spec.command == (
        *(sys.executable, "serve.py", "--control-plane", "127.0.0.1:7000"),
        *("--fleet={gateway}", "127.0.0.1:9000"),
    )
    assert [(port.host, port.number) for port in spec.ports] == [("127.0.0.1", 8090)]


def test_programs_are_read_from_the_document(tmp_path: Path) -> None:
    document = tmp_path / "fleet.yaml"
    document.write_text(
        """
workers: [{domain: vision, address: "127.0.0.1:1", repository: here}]
programs: [{name: shop, address: "127.0.0.1:8090", command: [python, serve.py]}]
"""
    )
    assert fleet_file.read(document).programs == (LocalProgram("shop", "127.0.0.1", 8090, ("python", "serve.py")),)
