# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A worker on onnxruntime-gpu, on a machine without a GPU: what it is told to run on CUDA never runs on the CPU.

The package is 256 MB: it is fetched once into ``.cache/gpu-wheel``, beside the environment and never into it.
"""

import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from argosy.fleet.v1 import model_pb2

from tests.support.models import add_model
from tests.support.worker import loaded_models, run_worker

#: The CUDA runtime comes with it: a library that pip installs must be found, and count as found.
PACKAGES = ("onnxruntime-gpu>=1.22", "nvidia-cuda-runtime")
FOLDER = Path(__file__).parents[3] / ".cache/gpu-wheel"
FETCH_SECONDS = 900.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(FETCH_SECONDS + 120)]


@pytest.fixture(scope="module")
def gpu_runtime() -> Path:
    """A folder with onnxruntime-gpu, to go before the environment's own packages."""
    if Path("/proc/driver/nvidia/version").exists():
        pytest.skip("this machine has an NVIDIA driver; the test is about one that has none")
    if not (FOLDER / "onnxruntime").is_dir():
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        done = subprocess.run(
            [*command, "--target", str(FOLDER), *PACKAGES],
            capture_output=True,
            text=True,
            timeout=FETCH_SECONDS,
            check=False,
        )
        if done.returncode:
            said = done.stderr.strip().splitlines() or ["pip said nothing"]
            pytest.skip(f"{' and '.join(PACKAGES)} cannot be installed here: {said[-1]}")
    return FOLDER


@pytest.fixture
def on_gpu_runtime(gpu_runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that start import onnxruntime-gpu."""
    before = [path for path in sys.path if path and "site-packages" not in path]
    monkeypatch.setenv("PYTHONPATH", ":".join([str(gpu_runtime), *before]))


@pytest.mark.usefixtures("on_gpu_runtime")
def test_a_model_for_cuda_is_failed_where_there_is_no_driver_and_one_for_the_cpu_serves(tmp_path: Path) -> None:
    add_model(tmp_path, "accelerated", "execution: {providers: [cuda, cpu], gpu_mem_limit_mb: 500}\n")
    add_model(tmp_path, "plain")
    with run_worker("tabular", tmp_path, "--cache-dir", "", wait_for=["model/plain"]) as worker:
        models = loaded_models(worker.address)
        (failed,), (served,) = models["accelerated"].versions, models["plain"].versions
        page = urllib.request.urlopen(f"http://127.0.0.1:{worker.metrics_port}/metrics", timeout=10).read().decode()
    assert failed.state == model_pb2.MODEL_STATE_FAILED
    assert (served.state, served.device) == (model_pb2.MODEL_STATE_READY, "cpu")
    for said in (
        "needs 'cuda' (CUDAExecutionProvider)",
        "could start only CPUExecutionProvider",
        "driver: none",
        "libraries found: libcudart.so.",
        "needed and not found: libcuda.so.1, libcublasLt.so.",
        "libcudnn.so.9",
    ):
        assert said in failed.reason
    assert 'argosy_model_info{device="cpu",domain="tabular",engine="onnx",model="plain",version="1"} 1.0' in page
    assert 'model="accelerated",state="FAILED",version="1"} 1.0' in page
    # What ONNX Runtime would write by itself is no line of our log.
    assert [line for line in worker.log if not line.startswith("{")] == []
