# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import json
import subprocess
from pathlib import Path

import pytest
from argosy_gateway import bootstrap as program
from argosy_gateway.bootstrap import Options, bootstrap, envoy_binary


@pytest.mark.parametrize("control_plane", ["127.0.0.1:18000", "[::1]:18000", "control.example:18000"])
def test_envoy_accepts_the_bootstrap(tmp_path: Path, control_plane: str) -> None:
    path = tmp_path / "envoy.json"
    assert (
        program.main(
            [
                *("--control-plane", control_plane, "--port", "1", "--standby", "127.0.0.1:3"),
                *("--status-port", "2", "--output", str(path)),
            ]
        )
        == 0
    )
    checked = subprocess.run([envoy_binary(), "--mode", "validate", "-c", path], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def test_admin_is_for_this_machine_alone_whatever_the_gateway_binds() -> None:
    rendered = bootstrap(Options("127.0.0.1:18000", bind="0.0.0.0", port=80))  # noqa: S104
    assert rendered["admin"]["address"]["socket_address"]["address"] == "127.0.0.1"
    (listener,) = rendered["static_resources"]["listeners"]
    assert listener["address"]["socket_address"] == {"address": "0.0.0.0", "port_value": 80}  # noqa: S104


def test_filters_that_read_messages_are_off_unless_a_route_switches_them_on() -> None:
    (listener,) = bootstrap(Options("127.0.0.1:18000"))["static_resources"]["listeners"]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    off = {each["name"] for each in manager["http_filters"] if each.get("disabled")}
    assert off == {"envoy.filters.http.grpc_field_extraction", "envoy.filters.http.lua"}


@pytest.mark.parametrize("address", ["", "18000", "host:", "host:0", "host:x", ":1"])
def test_an_unusable_control_plane_is_refused(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        program.main(["--control-plane", address])
    assert ended.value.code == 2
    assert "host:port" in capsys.readouterr().err


def test_the_bootstrap_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--control-plane", "127.0.0.1:18000"]) == 0
    assert json.loads(capsys.readouterr().out)["node"]["id"] == "argosy-gateway"


def test_a_standby_is_asked_after_the_control_plane_and_only_where_there_is_one() -> None:
    def sources(options: Options) -> list[str]:
        services = bootstrap(options)["dynamic_resources"]["ads_config"]["grpc_services"]
        return [each["envoy_grpc"]["cluster_name"] for each in services]

    assert sources(Options("127.0.0.1:18000")) == ["control-plane"]
    assert sources(Options("127.0.0.1:18000", standby="127.0.0.1:18002")) == ["control-plane", "standby"]


@pytest.mark.parametrize("memory", ["", "127", "-1", "1.5", "many"])
def test_an_unusable_limit_of_memory_is_refused(memory: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        program.main(["--control-plane", "127.0.0.1:1", "--memory-mb", memory])
    assert ended.value.code == 2
    assert "megabytes" in capsys.readouterr().err
