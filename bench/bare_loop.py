# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime in a loop, with nothing around it: what a server of the same model is compared with."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from bench.workloads import Batch

_PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}


class ProviderMissing(Exception):
    """ONNX Runtime cannot start the provider asked for."""


class BareLoop:
    """One session, all of its settings at their defaults but the number of threads."""

    def __init__(self, graph: Path, threads: int, provider: str = "cpu") -> None:
        """
        Raises:
            ProviderMissing: instead of another provider in its place.
        """
        if not self.available(provider):
            built = ", ".join(ort.get_available_providers())
            raise ProviderMissing(f"{_PROVIDERS[provider]}: ONNX Runtime {ort.__version__} was built with {built}")
        settings = ort.SessionOptions()
        settings.intra_op_num_threads = threads
        if provider == "cuda":
            ort.preload_dlls()
        self._session = ort.InferenceSession(str(graph), settings, providers=[_PROVIDERS[provider]], enable_fallback=0)
        used = self._session.get_providers()
        if used[0] != _PROVIDERS[provider]:
            started = ", ".join(used)
            raise ProviderMissing(f"{_PROVIDERS[provider]}: ONNX Runtime {ort.__version__} could start only {started}")

    @staticmethod
    def available(provider: str) -> bool:
        """Whether ONNX Runtime was built with it."""
        return _PROVIDERS[provider] in ort.get_available_providers()

    def answer(self, inputs: Batch) -> NDArray[np.float32]:
        """Returns the one output of a run."""
        output: NDArray[np.float32] = self._session.run(None, inputs)[0]
        return output

    def seconds(self, batches: Callable[[], Sequence[Batch]]) -> float:
        """Times stacking the batches and running them, one after the other."""
        started = time.monotonic()
        for inputs in batches():
            self.answer(inputs)
        return time.monotonic() - started


def threads_of(cores: int) -> int:
    """Threads for an engine that shares ``cores`` with generator and gateway: half of them."""
    return max(cores // 2, 1)
