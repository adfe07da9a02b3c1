# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The benchmark of GPUs, run on the CPU: all of its code but the provider's name."""

import json
import multiprocessing
from pathlib import Path

import pytest

from bench import gpu


def test_worker_and_bare_loops_are_compared_on_the_same_items(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        multiprocessing.Lock()
    except OSError as error:
        pytest.skip(f"processes cannot share a lock here, which the load generator's need: {error}")
    figures = tmp_path / "figures.json"
    arguments = ["--provider", "cpu", "--small", "--rounds", "1", "--seconds", "0.1", "--processes", "1"]
    assert gpu.main([*arguments, "--json", str(figures)]) == 0
    (section,) = json.loads(figures.read_text())["sections"]
    assert section["failures"] == []
    assert [one["model"] for one in section["rounds"]] == ["resnet18", "encoder"]
    for one in section["rounds"]:
        (rates,) = one["items_per_s"]
        assert len(rates) == len(one["ways"])
        assert min(rates) > 0
    assert "worker / this" in capsys.readouterr().out


def test_where_cuda_is_missing_nothing_is_measured_on_the_cpu_instead(capsys: pytest.CaptureFixture[str]) -> None:
    if gpu.BareLoop.available("cuda"):
        pytest.skip("this ONNX Runtime has CUDA")
    assert gpu.main(["--small", "--rounds", "1", "--processes", "1"]) == 2
    assert "CUDAExecutionProvider" in capsys.readouterr().out
