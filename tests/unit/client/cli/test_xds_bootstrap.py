# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import json

import pytest
import typer.main
from argosy_client import xds
from argosy_client.cli.app import app
from typer.testing import CliRunner


def run(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["xds-bootstrap", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ARGOSY_XDS", "GRPC_XDS_BOOTSTRAP", "GRPC_XDS_BOOTSTRAP_CONFIG"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_a_client_that_gets_it_from_outside_finds_the_control_plane(monkeypatch: pytest.MonkeyPatch) -> None:
    text = run("control-plane.argosy-system:18000").strip()
    assert json.loads(text)["xds_servers"][0]["server_uri"] == "control-plane.argosy-system:18000"
    for same in (text, json.dumps(json.loads(text), indent=2)):
        monkeypatch.setenv("GRPC_XDS_BOOTSTRAP_CONFIG", same)
        assert xds.targets("xds:///")[xds.REST] == "control-plane.argosy-system:18000"


def test_a_config_map_holds_the_same_text() -> None:
    manifest = json.loads(run("control-plane:18000", "--config-map", "xds"))
    assert (manifest["kind"], manifest["metadata"]["name"]) == ("ConfigMap", "xds")
    assert manifest["data"]["bootstrap.json"] == run("control-plane:18000").strip()


def test_the_variable_names_the_control_plane_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARGOSY_XDS", "there:1")
    assert '"server_uri": "there:1"' in run()


def test_an_address_without_a_port_is_wrong_usage(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        typer.main.get_command(app).main(["xds-bootstrap", "control-plane"])
    assert ended.value.code == 2
    assert "is not host:port" in capfd.readouterr().err
