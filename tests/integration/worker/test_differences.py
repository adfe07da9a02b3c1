# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Copies of calls that a gateway sends to a version on trial say how far its answers are from the stable one's."""

import time
import urllib.request
from pathlib import Path

import grpc
import numpy as np
from argosy.fleet.v1 import worker_pb2, worker_pb2_grpc
from argosy_worker.context import SHADOW_KEY, VERSION_KEY
from tritonclient.grpc import InferenceServerClient, InferInput

from tests.support.models import add_model
from tests.support.worker import WorkerProcess, run_worker


def differences(worker: WorkerProcess) -> dict[str, float]:
    """How many copies keep each bound."""
    with urllib.request.urlopen(f"http://127.0.0.1:{worker.metrics_port}/metrics", timeout=5) as answer:
        lines = [line for line in answer.read().decode().splitlines() if "argosy_shadow_difference_bucket" in line]
    return {line.split('le="')[1].split('"')[0]: float(line.split()[-1]) for line in lines if 'version="2"' in line}


def test_copies_are_compared_with_the_stable_version_and_calls_are_not(tmp_path: Path) -> None:
    add_model(tmp_path, "m", "version_policy: {all: true}\n", factor=2.0)
    add_model(tmp_path, "m", version=2, factor=2.005)
    with run_worker("tabular", tmp_path) as worker, grpc.insecure_channel(worker.address) as channel:
        stub = worker_pb2_grpc.WorkerServiceStub(channel)
        wanted = worker_pb2.DesiredModel(name="m", version_labels={"stable": 1})
        stub.ApplyDesired(worker_pb2.ApplyDesiredRequest(epoch=1, models=[wanted]), timeout=10)
        items = InferInput("x", [1, 4], "FP32")
        items.set_data_from_numpy(np.ones((1, 4), np.float32))
        with InferenceServerClient(worker.address) as client:
            client.infer("m", [items], model_version="2")
            assert differences(worker) == {}
            copy = {SHADOW_KEY: "1", VERSION_KEY: "2"}
            end = time.monotonic() + 10
            while not differences(worker) and time.monotonic() < end:  # the stable version may still be loading
                answer = client.infer("m", [items], model_version="1", headers=copy)
                assert answer.as_numpy("y")[0, 0] == np.float32(2.005)
                time.sleep(0.05)
        found = differences(worker)
        assert found["0.001"] == 0
        assert found["0.01"] == found["+Inf"] > 0
