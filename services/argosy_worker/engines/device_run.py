# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A run whose inputs and outputs lie in a device's memory: each crosses the bus once, and none while others compute."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from argosy_worker.engines.port import Tensors


class DeviceRun:
    """Runs a session by IO binding. Any thread may, several at a time."""

    def __init__(self, session: Any, outputs: Sequence[str], device_type: str, device_id: int) -> None:
        """
        Args:
            session: An ONNX Runtime session without tensors of texts: they cannot be bound.
            outputs: Names of all outputs.
            device_type: Kind of the device, ``cuda`` or ``cpu``.
            device_id: Its number among those of its kind.
        """
        self._session = session
        self._outputs = tuple(outputs)
        self._device = (device_type, device_id)

    def __call__(self, inputs: Tensors) -> list[NDArray[Any]]:
        """Copies the inputs to the device, runs there, and copies the outputs back; returns them in order.

        Raises:
            RuntimeError: the run failed; the binding does not tell of which kind the error is.
        """
        binding = self._session.io_binding()
        for name, array in inputs.items():
            binding.bind_cpu_input(name, array)
        for name in self._outputs:
            # Without a shape, ONNX Runtime takes the memory from the device's arena once the shape is known.
            binding.bind_output(name, *self._device)
        self._session.run_with_iobinding(binding)
        results: list[NDArray[Any]] = binding.copy_outputs_to_cpu()
        return results
