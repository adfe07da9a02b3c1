# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

import pytest
from argosy_gateway import settings


def test_defaults_are_the_documented_ports() -> None:
    chosen = settings.read(["--fleet", "f.yaml"], {})
    assert chosen == settings.Settings(fleet=Path("f.yaml"))
    assert (chosen.bind, chosen.port, chosen.metrics_port) == ("127.0.0.1", 18000, 18001)


def test_an_option_wins_over_its_variable() -> None:
    variables = {"ARGOSY_GATEWAY_FLEET": "v.yaml", "ARGOSY_GATEWAY_PORT": "7", "ARGOSY_GATEWAY_LOAD_TIMEOUT_S": "0.5"}
    chosen = settings.read(["--port", "0"], variables)
    assert (chosen.fleet, chosen.port, chosen.load_timeout_s) == (Path("v.yaml"), 0, 0.5)


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [(["--kubernetes"], {}), (["--kubernetes", "yes"], {}), ([], {"ARGOSY_GATEWAY_KUBERNETES": "yes"})],
)
def test_the_api_server_takes_the_place_of_a_document(arguments: list[str], variables: dict[str, str]) -> None:
    chosen = settings.read([*arguments, "--namespace", "mine"], {**variables, "POD_NAME": "gateway-1"})
    assert (chosen.fleet, chosen.kubernetes) == (None, True)
    assert (chosen.namespace, chosen.pod, chosen.zone) == ("mine", "gateway-1", "")


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        ([], {}),
        (["--kubernetes", "no"], {}),
        (["--kubernetes", "perhaps"], {}),
        (["--kubernetes", "--fleet", "f"], {}),
        (["--kubernetes"], {"ARGOSY_GATEWAY_FLEET": "f"}),
        (["--kubernetes", "--namespace", "../other"], {}),
        (["--kubernetes", "--namespace", ""], {}),
        (["--fleet", "f", "--port", "65536"], {}),
        (["--fleet", "f"], {"ARGOSY_GATEWAY_PORT": "x"}),
        (["--fleet", "f"], {"ARGOSY_GATEWAY_METRICS_PORT": "-1"}),
        (["--fleet", "f", "--poll-interval-s", "0"], {}),
        (["--fleet", "f", "--load-timeout-s", "-1"], {}),
        (["--fleet", "f", "--stop-grace-s", "nan"], {}),
        (["--fleet", "f", "--gateway-address", "here"], {}),
        (["--fleet", "f", "--gateway-address", "here:grpc"], {}),
        (["--fleet", "f", "--gateway-address", ":8080"], {}),
    ],
)
def test_an_unusable_setting_ends_the_program(
    arguments: list[str], variables: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        settings.read(arguments, variables)
    assert ended.value.code == 2
    assert "argosy_gateway: error:" in capsys.readouterr().err
