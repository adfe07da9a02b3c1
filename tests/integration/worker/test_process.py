# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The worker as a process: how it starts, fails to start, and stops."""

import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import grpc
import numpy as np
import pytest
from argosy.common.v1 import tensor_pb2
from argosy.tabular.v1 import tabular_pb2, tabular_pb2_grpc

from tests.integration.worker.conftest import YAML
from tests.support.models import add_model
from tests.support.worker import WorkerProcess, await_health, run_worker


def outcome(*arguments: str) -> tuple[int, str]:
    """Runs a worker that cannot start; returns exit code and standard error."""
    command = [sys.executable, "-m", "argosy_worker", *arguments]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("tabular", "--repository", "nowhere"), "no model repository at nowhere"),
        (("alchemy", "--repository", "."), "alchemy"),
        (("tabular", "--repository", ".", "--port", "70000"), "--port"),
        (("tabular",), "--repository"),
    ],
)
def test_a_worker_that_cannot_start_says_why_in_its_last_line(arguments: tuple[str, ...], said: str) -> None:
    code, text = outcome(*arguments, "--metrics-port", "0")
    assert code != 0
    assert said in text.strip().splitlines()[-1]
    assert "Traceback" not in text


@pytest.mark.parametrize("option", ["--port", "--metrics-port"])
def test_a_port_in_use_is_one_clear_line(tmp_path: Path, option: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ports = {"--port": "0", "--metrics-port": "0"} | {option: port}
        code, text = outcome(
            "tabular", "--repository", str(tmp_path), *(part for pair in ports.items() for part in pair)
        )
    assert code != 0
    assert port in text.strip().splitlines()[-1]
    assert "Traceback" not in text


def test_sigterm_finishes_what_is_in_flight_and_exits_with_0(tmp_path: Path) -> None:
    add_model(tmp_path, "scale", YAML)
    with run_worker("tabular", tmp_path, wait_for=["model/scale"]) as worker:
        with grpc.insecure_channel(worker.address) as channel:
            stub = tabular_pb2_grpc.TabularServiceStub(channel)
            rows = np.ones((20, 4), "<f4")
            tensor = tensor_pb2.Tensor(data_type="DATA_TYPE_FP32", shape=rows.shape, data=rows.tobytes())
            calls = [stub.Predict.future(tabular_pb2.PredictRequest(tensor=tensor), timeout=20) for _ in range(50)]
            calls[0].result()
            worker.process.send_signal(signal.SIGTERM)
            codes = {call.code() for call in calls}
        assert worker.process.wait(30) == 0
    # What had arrived was answered; what came after was told to go elsewhere.
    assert codes <= {grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE}


def test_a_draining_worker_says_so_to_its_watchers(tmp_path: Path) -> None:
    add_model(tmp_path, "scale", YAML)
    with run_worker("tabular", tmp_path, wait_for=["model/scale"]) as worker:
        gone = threading.Thread(target=await_health, args=(worker.address, "model/scale"), kwargs={"serving": False})
        gone.start()
        worker.process.send_signal(signal.SIGTERM)
        gone.join(20)
        assert not gone.is_alive()


def test_metrics_count_calls_by_model_version_and_code(worker: WorkerProcess, channel: grpc.Channel) -> None:
    stub = tabular_pb2_grpc.TabularServiceStub(channel)
    stub.Predict(tabular_pb2.PredictRequest(rows=[tabular_pb2.Row(values=[1, 2, 3, 4])], version="1"), timeout=10)
    with urllib.request.urlopen(f"http://127.0.0.1:{worker.metrics_port}/metrics") as page:
        text = page.read().decode()
    series = 'domain="tabular",method="argosy.tabular.v1.TabularService/Predict",model="scale",version="1"'
    counted = [line for line in text.splitlines() if line.startswith("argosy_requests_total{") and 'code="OK"' in line]
    assert any('model="scale"' in line and 'version="1"' in line for line in counted), counted
    assert f"argosy_request_seconds_count{{{series}}}" in text
    version = 'domain="tabular",model="scale",version="1"'
    for line in (
        f"argosy_decode_seconds_count{{{series}}} ",
        f"argosy_queue_items{{{version}}} 0.0",
        f"argosy_queue_age_seconds{{{version}}} 0.0",
        f"argosy_engine_instances{{{version}}} 1.0",
        f"argosy_tokens_total{{{version}}} 0.0",
        f"argosy_padding_tokens_total{{{version}}} 0.0",
        'argosy_model_state{domain="tabular",model="scale",state="READY",version="1"} 1.0',
        'argosy_model_state{domain="tabular",model="scale",state="FAILED",version="1"} 0.0',
        'argosy_model_state{domain="tabular",model="corrupt",state="FAILED",version="1"} 1.0',
        'argosy_model_info{device="cpu",domain="tabular",engine="onnx",model="scale",version="1"} 1.0',
        "process_resident_memory_bytes ",
    ):
        assert f"\n{line}" in text
