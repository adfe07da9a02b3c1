# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Settings of a worker."""

from pathlib import Path

import pytest
from argosy_worker import settings

REQUIRED = ("tabular", "--repository", "models")


def test_options_win_over_variables_and_those_over_defaults() -> None:
    variables = {"ARGOSY_WORKER_GOLDEN_INTERVAL_S": "5", "ARGOSY_WORKER_MEMORY_LIMIT_MB": "7"}
    chosen = settings.read([*REQUIRED, "--memory-limit-mb", "9"], variables)
    assert (chosen.golden_interval_s, chosen.memory_limit_mb, chosen.repository_poll_s) == (5.0, 9, 2.0)


@pytest.mark.parametrize("option", ["--repository-poll-s", "--golden-interval-s", "--memory-limit-mb", "--drain-s"])
@pytest.mark.parametrize("value", ["-1", "nan", "inf", "soon"])
def test_numbers_that_mean_nothing_are_refused(option: str, value: str) -> None:
    with pytest.raises(SystemExit) as ended:
        settings.read([*REQUIRED, option, value], {})
    assert ended.value.code == 2


def test_graphs_are_kept_in_the_given_folder_or_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.read([*REQUIRED, "--cache-dir", "/kept"], {}).cache == Path("/kept")
    assert settings.read([*REQUIRED, "--cache-dir", ""], {}).cache is None

    def no_home(_path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", no_home)
    assert settings.read([*REQUIRED], {}).cache is None
