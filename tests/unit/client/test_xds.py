# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Where calls go without a proxy, and what gRPC is told."""

import json
import os

import pytest
from argosy_client import Argosy, AsyncArgosy, xds
from argosy_gateway.services import domains

BOTH = pytest.mark.parametrize("client", [Argosy, AsyncArgosy])


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    # Set first, so that what a test makes the client set goes with the test.
    for name in ("ARGOSY_XDS", "GRPC_XDS_BOOTSTRAP", "GRPC_XDS_BOOTSTRAP_CONFIG"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def told() -> str:
    """The control plane that gRPC would ask."""
    server: str = json.loads(os.environ["GRPC_XDS_BOOTSTRAP_CONFIG"])["xds_servers"][0]["server_uri"]
    return server


def test_every_domain_has_its_target() -> None:
    assert domains() == xds.DOMAINS
    found = xds.targets("xds:///")
    assert found == {**{name: f"xds:///argosy.{name}" for name in xds.DOMAINS}, "": "127.0.0.1:18000"}
    assert xds.key("/argosy.vision.v1.VisionService/Classify", found) == "vision"
    for rest in ("/argosy.fleet.v1.FleetService/ListModels", "/grpc.health.v1.Health/Check"):
        assert xds.key(rest, found) == ""


def test_an_address_of_a_gateway_tells_grpc_nothing() -> None:
    assert xds.targets("fleet:1") == {"": "fleet:1"}
    assert xds.key("/argosy.vision.v1.VisionService/Classify", {"": None}) == ""
    assert "GRPC_XDS_BOOTSTRAP_CONFIG" not in os.environ


@BOTH
def test_grpc_is_told_of_the_control_plane(
    client: type[Argosy] | type[AsyncArgosy], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARGOSY_XDS", "control:18000")
    for _ in range(2):
        client("xds:///")
    assert told() == "control:18000"
    monkeypatch.delenv("ARGOSY_XDS")
    assert xds.targets("xds:///")[""] == "control:18000"


def test_what_grpc_was_told_by_others_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRPC_XDS_BOOTSTRAP", "a-file.json")
    found = xds.targets("xds:///")
    assert "GRPC_XDS_BOOTSTRAP_CONFIG" not in os.environ
    with pytest.raises(ValueError, match="set ARGOSY_XDS"):
        xds.key("/argosy.fleet.v1.FleetService/ListModels", found)
    monkeypatch.setenv("ARGOSY_XDS", "control:18000")
    assert xds.targets("xds:///")[""] == "control:18000"
    assert "GRPC_XDS_BOOTSTRAP_CONFIG" not in os.environ


@BOTH
def test_settings_that_cannot_be_used_are_refused(
    client: type[Argosy] | type[AsyncArgosy], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARGOSY_XDS", "control")
    with pytest.raises(ValueError, match="ARGOSY_XDS is 'control'"):
        client("xds:///")
    monkeypatch.setenv("ARGOSY_XDS", "one:18000")
    client("xds:///")
    monkeypatch.setenv("ARGOSY_XDS", "two:18000")
    with pytest.raises(ValueError, match="uses the control plane at one:18000"):
        client("xds:///")
