# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Settings of a worker, and where its traces are sent."""

from pathlib import Path

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


def test_options_win_over_variables_and_those_over_defaults() -> None:
    variables = {"ARGOSY_WORKER_GOLDEN_INTERVAL_S": "5", "ARGOSY_WORKER_MEMORY_LIMIT_MB": "7"}
    chosen = settings.read([*NEEDED, "--memory-limit-mb", "9"], variables)
    assert (chosen.golden_interval_s, chosen.memory_limit_mb, chosen.repository_poll_s) == (5.0, 9, 2.0)


@pytest.mark.parametrize("option", ["--repository-poll-s", "--golden-interval-s", "--memory-limit-mb", "--drain-s"])
@pytest.mark.parametrize("value", ["-1", "nan", "inf", "soon"])
def test_numbers_that_mean_nothing_are_refused(option: str, value: str) -> None:
    with pytest.raises(SystemExit) as ended:
        settings.read([*NEEDED, option, value], {})
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--max-message-bytes", "0", "at least 1"),
        ("--decode-threads", "0", "at least 1"),
        ("--decode-threads", "2.5", "whole number, not '2.5'"),
        ("--port", "grpc", "whole number, not 'grpc'"),
        ("--replica", "a\nb", "printable ASCII"),
    ],
)
def test_a_refused_value_is_told_with_what_is_needed(
    option: str, value: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        settings.read([*NEEDED, option, value], {})
    assert ended.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert option in last
    assert said in last


def test_graphs_are_kept_in_the_given_folder_or_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.read([*NEEDED, "--cache-dir", "/kept"], {}).cache == Path("/kept")
    assert settings.read([*NEEDED, "--cache-dir", ""], {}).cache is None

    def no_home(_path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", no_home)
    assert settings.read([*NEEDED], {}).cache is None
