# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Where traces are sent, and which ones."""

import pytest
from argosy_worker import settings

NEEDED = ["vision", "--repository", "models"]


@pytest.mark.parametrize(
    ("options", "variables", "endpoint"),
    [
        ([], {}, ""),
        ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://all"}, "http://all"),
        ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": "a", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "b"}, "b"),
        ([], {"OTEL_EXPORTER_OTLP_ENDPOINT": "a", "ARGOSY_WORKER_OTLP_ENDPOINT": "c"}, "c"),
        (["--otlp-endpoint", "d"], {"ARGOSY_WORKER_OTLP_ENDPOINT": "c"}, "d"),
    ],
)
def test_the_most_special_setting_names_the_collector(
    options: list[str], variables: dict[str, str], endpoint: str
) -> None:
    assert settings.read([*NEEDED, *options], variables).otlp_endpoint == endpoint


@pytest.mark.parametrize("ratio", ["-0.1", "1.1", "nan", "half"])
def test_a_ratio_outside_0_to_1_is_refused(ratio: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        settings.read([*NEEDED, "--trace-ratio", ratio], {})
    assert "--trace-ratio" in capsys.readouterr().err
