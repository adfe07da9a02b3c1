# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""ONNX Runtime as an engine. The only module that imports it."""

import contextlib
import io
import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import InvalidArgument

from argosy_worker.engines import cuda
from argosy_worker.engines.device_run import DeviceRun
from argosy_worker.engines.graph_cache import GraphCache
from argosy_worker.engines.port import EngineOptions, Tensors, TensorSpec
from argosy_worker.errors import EngineFault, InputRefused, ModelInvalid
from argosy_worker.repository.scan import GRAPH_FILE

logger = logging.getLogger(__name__)

#: Element types of ONNX Runtime, in V2 spelling.
DATATYPES = {
    "tensor(bool)": "BOOL",
    "tensor(uint8)": "UINT8",
    "tensor(uint16)": "UINT16",
    "tensor(uint32)": "UINT32",
    "tensor(uint64)": "UINT64",
    "tensor(int8)": "INT8",
    "tensor(int16)": "INT16",
    "tensor(int32)": "INT32",
    "tensor(int64)": "INT64",
    "tensor(float16)": "FP16",
    "tensor(float)": "FP32",
    "tensor(double)": "FP64",
    "tensor(string)": "BYTES",
}
#: Execution providers by their names in model.yaml.
PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
_CUDA_LIBRARY = Path(ort.__file__).parent / "capi" / "libonnxruntime_providers_cuda.so"
_ARENAS = {"power_of_two": "kNextPowerOfTwo", "as_requested": "kSameAsRequested"}
#: Smaller graphs are optimised sooner than a cached one is found, in bytes.
CACHED_FROM_BYTES = 4 << 20
_WEIGHTS_FILE = "weights.data"


class OnnxEngine:
    """One instance; those on one device share a session, and with it weights and threads.

    Tensors go in and out as numpy arrays of the declared types.
    """

    queues_runs = False
    memory_bytes = None

    def __init__(self, session: ort.InferenceSession, device: str, bound: tuple[str, int] | None = None) -> None:
        """
        Args:
            session: What computes.
            device: Name of its device, such as ``cpu`` or ``cuda:0``.
            bound: Kind and number of the device in whose memory inputs and outputs lie while it runs; None leaves
                them to ONNX Runtime, which is quicker where the device's memory is the process's.
        """
        self._session = session
        self.device = device
        self.inputs = tuple(_spec(argument) for argument in session.get_inputs())
        self.outputs = tuple(_spec(argument) for argument in session.get_outputs())
        self._output_names = [spec.name for spec in self.outputs]
        # The public method is written in Python and checks on every run what has been checked when the call was read.
        self._compute: Callable[..., list[NDArray[Any]]] = getattr(session, "_sess", session).run
        texts = any(spec.datatype == "BYTES" for spec in (*self.inputs, *self.outputs))
        self._device_run = None if bound is None or texts else DeviceRun(session, self._output_names, *bound)

    def run(self, inputs: Tensors) -> Tensors:
        """See :meth:`argosy_worker.engines.port.Engine.run`."""
        try:
            if self._device_run is None:
                feeds = inputs if type(inputs) is dict else dict(inputs)
                results: Sequence[NDArray[Any]] = self._compute(self._output_names, feeds, None)
            else:
                results = self._bound(inputs, self._device_run)
        except InvalidArgument as error:
            raise InputRefused(f"{type(error).__name__}: {error}") from error
        except Exception as error:  # ONNX Runtime's errors share no base class
            raise EngineFault(f"{type(error).__name__}: {error}") from error
        return dict(zip(self._output_names, results, strict=True))

    def _bound(self, inputs: Tensors, device_run: DeviceRun) -> Sequence[NDArray[Any]]:
        try:
            return device_run(inputs)
        except RuntimeError:
            # All errors of a bound run look the same: the other way of running tells the caller's from the engine's.
            return self._compute(self._output_names, dict(inputs), None)

    def close(self) -> None:
        """Drops the session; its memory goes with the last instance."""
        del self._session, self._device_run, self._compute


def load(model: Path, options: EngineOptions) -> list[OnnxEngine]:
    """Loads ``<model>/model.onnx`` with its external data.

    Raises:
        ModelInvalid: missing, corrupt, of a type that no tensor protocol carries, or the declared providers are not
            there: ONNX Runtime itself would fall back to the CPU and say nothing.
    """
    path = model / GRAPH_FILE
    if not path.is_file():
        raise ModelInvalid(f"{path}: no such file")
    _check_available(options)
    on_gpu = options.providers[0] != "cpu"
    if on_gpu:
        _preload()
    devices = [
        options.device_ids[index % len(options.device_ids)] if on_gpu else 0 for index in range(options.instances)
    ]
    sessions = {device: _session(path, options, device, devices.count(device)) for device in sorted(set(devices))}
    if not on_gpu:
        return [OnnxEngine(sessions[0], "cpu") for _ in devices]
    kind = options.providers[0]
    return [OnnxEngine(sessions[device], f"{kind}:{device}", (kind, device)) for device in devices]


def _preload() -> None:
    """Loads CUDA's libraries from where pip installs them; the loader would look in the system's folders alone."""
    ort.set_default_logger_severity(4)  # what it would write beside our log, the error says
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        ort.preload_dlls()
    for line in filter(None, said.getvalue().splitlines()):
        logger.warning("CUDA's libraries", extra={"reason": line})


def _session(path: Path, options: EngineOptions, device: int, instances: int) -> ort.InferenceSession:
    """Makes a session that as many instances use at a time."""
    # A run uses the thread that it is on beside the pool's: this many threads compute when all instances are busy.
    threads = (options.threads - 1) * instances + 1
    try:
        cached = _cached(path, options, device, threads)
        session = cached or _create(path, _settings(threads), options, device)
    except Exception as error:  # ONNX Runtime's errors share no base class
        raise ModelInvalid(f"{path}: cannot be loaded: {str(error).strip()}") from error
    _check_used(session.get_providers(), options)
    return session


def _settings(threads: int) -> ort.SessionOptions:
    settings = ort.SessionOptions()
    settings.intra_op_num_threads = threads
    settings.inter_op_num_threads = 1
    # Its errors are raised too. What it would write by itself may quote the request, which no log may hold.
    settings.log_severity_level = 4
    # Threads that spin while they wait take the cores from the rest of the worker.
    settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return settings


def _create(path: Path, settings: ort.SessionOptions, options: EngineOptions, device: int) -> ort.InferenceSession:
    # Otherwise a device that does not start, or fails in a run, would be replaced by the CPU, with a line on stdout.
    return ort.InferenceSession(str(path), settings, providers=_providers(options, device), enable_fallback=0)


def _cached(path: Path, options: EngineOptions, device: int, threads: int) -> ort.InferenceSession | None:
    """Loads the graph as optimised by an earlier start, or optimises it for the next; None where that is not worth it.

    Its weights are a file of their own that is mapped into memory, which takes half the memory of reading them.
    """
    files = sorted(file for file in path.parent.iterdir() if file.is_file())
    if options.cache is None or options.providers != ("cpu",):
        return None
    if sum(file.stat().st_size for file in files) < CACHED_FROM_BYTES:
        return None
    cache = GraphCache(options.cache)
    graph = cache.obtain(files, (f"onnxruntime {ort.__version__}",), partial(_optimise, path, options, device))
    if graph is None:
        return None
    settings = _settings(threads)
    settings.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        return _create(graph / GRAPH_FILE, settings, options, device)
    except Exception as error:  # ONNX Runtime's errors share no base class
        logger.warning("cached graph unusable", extra={"model": str(path), "reason": str(error).strip()})
        cache.discard(graph)
        return None


def _optimise(path: Path, options: EngineOptions, device: int, folder: Path) -> None:
    settings = _settings(1)
    settings.optimized_model_filepath = str(folder / GRAPH_FILE)
    settings.add_session_config_entry("session.optimized_model_external_initializers_file_name", _WEIGHTS_FILE)
    settings.add_session_config_entry("session.optimized_model_external_initializers_min_size_in_bytes", "1024")
    _create(path, settings, options, device)


def _providers(options: EngineOptions, device: int) -> list[Any]:
    cuda_options = {
        "device_id": device,
        "arena_extend_strategy": _ARENAS[options.device_arena],
        "cudnn_conv_algo_search": options.device_convolutions.upper(),
    }
    if options.device_memory_limit_bytes is not None:
        cuda_options["gpu_mem_limit"] = options.device_memory_limit_bytes
    return [(PROVIDERS[name], cuda_options) if name == "cuda" else PROVIDERS[name] for name in options.providers]


def _check_available(options: EngineOptions) -> None:
    available = ort.get_available_providers()
    for name in options.providers:
        if PROVIDERS.get(name) not in available:
            raise ModelInvalid(
                f"execution.providers: needs '{name}' ({PROVIDERS.get(name, 'unknown')}), but this ONNX Runtime "
                f"{ort.__version__} was built with {', '.join(available)}{_remedy(name)}"
            )


def _check_used(used: Sequence[str], options: EngineOptions) -> None:
    for name in options.providers:
        if PROVIDERS[name] not in used:
            raise ModelInvalid(
                f"execution.providers: needs '{name}' ({PROVIDERS[name]}), but ONNX Runtime {ort.__version__} "
                f"could start only {', '.join(used)}; {_diagnosis()}"
            )


def _diagnosis() -> str:
    return cuda.diagnosis(cuda.libraries(_CUDA_LIBRARY))


def _remedy(name: str) -> str:
    return f": install argosy[gpu] instead of argosy[cpu]; {_diagnosis()}" if name == "cuda" else ""


def _spec(argument: Any) -> TensorSpec:
    datatype = DATATYPES.get(argument.type)
    if datatype is None:
        raise ModelInvalid(f"tensor '{argument.name}' is of type {argument.type}, which cannot be served")
    shape = tuple(size if isinstance(size, int) else -1 for size in argument.shape)
    return TensorSpec(argument.name, datatype, shape)
