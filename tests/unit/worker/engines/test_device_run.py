# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Runs by IO binding, on the CPU: its memory is a device's like any other."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
from argosy_worker.engines.device_run import DeviceRun

from tests.support.models import add_mean, add_model


@pytest.fixture
def session(tmp_path: Path) -> Any:
    path = add_model(tmp_path, "m", shape=("batch", 4)) / "1/model.onnx"
    return ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def test_outputs_of_any_batch_size_come_back(session: Any) -> None:
    run = DeviceRun(session, ["y"], "cpu", 0)
    for items in (1, 7, 3):
        rows = np.arange(items * 4, dtype=np.float32).reshape(items, 4)
        (answer,) = run({"x": rows})
        np.testing.assert_array_equal(answer, rows * 2)


def test_an_answer_stays_as_it_was_when_the_next_run_has_another(session: Any) -> None:
    run = DeviceRun(session, ["y"], "cpu", 0)
    first = run({"x": np.ones((1, 4), np.float32)})[0]
    run({"x": np.zeros((1, 4), np.float32)})
    assert first.tolist() == [[2, 2, 2, 2]]


def test_an_array_whose_rows_lie_apart_is_read_as_it_is(session: Any) -> None:
    rows = np.arange(12, dtype=np.float32).reshape(4, 3).T
    np.testing.assert_array_equal(DeviceRun(session, ["y"], "cpu", 0)({"x": rows})[0], rows * 2)


def test_several_outputs_come_in_the_order_asked_for(tmp_path: Path) -> None:
    path = add_mean(tmp_path, "mean", "", masked=False) / "1/model.onnx"
    session = ort.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    mean, doubled = DeviceRun(session, ["mean", "y"], "cpu", 0)({"x": np.array([[1, 2, 3]], np.float32)})
    assert (mean.tolist(), doubled.tolist()) == ([[2]], [[2, 4, 6]])


def test_threads_run_at_a_time_and_get_their_own_answers(session: Any) -> None:
    run = DeviceRun(session, ["y"], "cpu", 0)
    wrong: list[float] = []

    def ask(value: float) -> None:
        rows = np.full((16, 4), value, np.float32)
        wrong.extend(value for _ in range(200) if not (run({"x": rows})[0] == rows * 2).all())

    threads = [threading.Thread(target=ask, args=(float(value),)) for value in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_run_that_fails_raises(session: Any) -> None:
    with pytest.raises(RuntimeError, match="dimensions"):
        DeviceRun(session, ["y"], "cpu", 0)({"x": np.ones((1, 5), np.float32)})
