# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What is said where CUDA does not start."""

import ctypes
from pathlib import Path
from typing import Any

import pytest
from argosy_worker.engines import cuda, elf

DRIVER = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.124.06  Wed Feb 26 02:00:00 UTC 2025\n"


@pytest.fixture
def driver(tmp_path: Path) -> Path:
    path = tmp_path / "version"
    path.write_text(DRIVER)
    return path


def test_what_is_found_and_what_is_needed_is_named(driver: Path) -> None:
    text = cuda.diagnosis(["libc.so.6", "libnothing.so.1"], driver)
    assert text == "driver: 570.124.06; libraries found: libc.so.6; needed and not found: libnothing.so.1"


def test_a_machine_without_a_driver_is_said_to_have_none(tmp_path: Path) -> None:
    assert cuda.diagnosis([], tmp_path / "missing").startswith(f"driver: none (no {tmp_path / 'missing'});")


def test_a_driver_tells_the_newest_cuda_that_it_runs(driver: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Driver:
        def cuDriverGetVersion(self, number: Any) -> int:
            number._obj.value = 12080
            return 0

    monkeypatch.setattr(ctypes, "CDLL", lambda _: Driver())
    assert cuda.diagnosis([], driver).startswith("driver: 570.124.06 (runs CUDA up to 12.8);")


def test_the_libraries_are_those_that_the_provider_itself_names(monkeypatch: pytest.MonkeyPatch) -> None:
    named = ("libcublas.so.13", "libcudart.so.13", "libcuda.so.1", "libstdc++.so.6", "libc.so.6")
    monkeypatch.setattr(elf, "needed", lambda _: named)
    wanted = ("libcuda.so.1", "libcublas.so.13", "libcudart.so.13", "libcudnn.so.9")
    assert cuda.libraries(Path("provider.so")) == wanted


def test_without_a_provider_the_usual_libraries_are_named(tmp_path: Path) -> None:
    names = cuda.libraries(tmp_path / "missing.so")
    assert {"libcuda.so.1", "libcudnn.so.9"} <= set(names)
