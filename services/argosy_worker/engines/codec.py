# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Codec plug-ins: a user's own code between callers and a graph, as an engine around an engine.

See docs/codecs.md. A codec stands for the graph towards everything else, V2 and typed calls alike.
"""

import logging
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from argosy_worker.engines.port import Engine, Tensors, TensorSpec
from argosy_worker.errors import EngineFault, ModelInvalid
from argosy_worker.repository.schema import CodecSection
from argosy_worker.tensors import dtype_of

GROUP = "argosy.codecs"
logger = logging.getLogger(__name__)


class Codec(Protocol):
    """One model version's codec. Its instances share it: it is called from several threads at a time."""

    inputs: tuple[TensorSpec, ...]
    """What callers send, in the place of the graph's inputs; the first dimension is the batch."""
    outputs: tuple[TensorSpec, ...]
    """What callers get, in the place of the graph's outputs."""

    def encode(self, inputs: Tensors) -> Tensors:
        """Makes the graph's inputs from a batch of callers' inputs, both stacked along the first dimension.

        Raises:
            argosy_worker.errors.CodecRefused: the values are no good, and why. The callers of a batch are tried
                one by one then, so that only the one at fault hears of it.
        """
        ...

    def decode(self, outputs: Tensors) -> Tensors:
        """Makes what callers get from the graph's outputs for one batch; as many items come out as went in.

        Raises:
            argosy_worker.errors.CodecRefused: there is no answer for these values, and why.
        """
        ...


class CodecFactory(Protocol):
    """Makes a codec; registered by name in the entry point group ``argosy.codecs``."""

    def __call__(
        self,
        inputs: Sequence[TensorSpec],
        outputs: Sequence[TensorSpec],
        parameters: Mapping[str, float | str],
        folder: Path,
    ) -> Codec:
        """Makes the codec of one version, once, when it is loaded.

        Args:
            inputs: The graph's inputs.
            outputs: The graph's outputs.
            parameters: ``codec.parameters`` of model.yaml.
            folder: The model's folder, with model.yaml and whatever else the codec reads.

        Raises:
            Exception: anything; the model is FAILED with its text as the reason.
        """
        ...


class CodecEngine:
    """An engine whose tensors are a codec's."""

    def __init__(self, engine: Engine, codec: Codec) -> None:
        self._engine = engine
        self._codec = codec
        self.inputs = codec.inputs
        self.outputs = codec.outputs
        self.device = engine.device
        self.queues_runs = engine.queues_runs

    @property
    def memory_bytes(self) -> int | None:
        """What the engine takes."""
        return self._engine.memory_bytes

    def run(self, inputs: Tensors) -> Tensors:
        """Encodes, runs and decodes one batch; see the port.

        Raises:
            EngineFault: the engine or the codec failed.
            CodecRefused: the codec refuses these values.
        """
        try:
            encoded = self._codec.encode(inputs)
        except EngineFault:
            raise
        except Exception as error:
            raise _broken("encode", error) from error
        outputs = self._engine.run(encoded)
        try:
            decoded = self._codec.decode(outputs)
            return {spec.name: _checked(spec, decoded) for spec in self.outputs}
        except EngineFault:
            raise
        except Exception as error:
            raise _broken("decode", error) from error

    def close(self) -> None:
        """Closes the engine."""
        self._engine.close()


def with_codec(engines: Sequence[Engine], section: CodecSection, folder: Path) -> list[Engine]:
    """Puts one codec around all instances of a version.

    Raises:
        ModelInvalid: there is no such codec, or it does not do for this graph.
    """
    codec = _load(section, engines[0], folder)
    return [CodecEngine(engine, codec) for engine in engines]


def _load(section: CodecSection, engine: Engine, folder: Path) -> Codec:
    found = entry_points(group=GROUP)
    if section.name not in found.names:
        known = ", ".join(sorted(found.names)) or "none"
        raise ModelInvalid(f"codec.name: no codec '{section.name}' is installed; there are: {known}")
    try:
        factory: CodecFactory = found[section.name].load()
        codec = factory(engine.inputs, engine.outputs, section.parameters, folder)
        for spec in (*codec.inputs, *codec.outputs):
            dtype_of(spec.datatype)
    except Exception as error:
        logger.error("codec failed", extra={"codec": section.name}, exc_info=error)
        raise ModelInvalid(f"codec: '{section.name}' cannot be used: {type(error).__name__}: {error}") from error
    return codec


def _checked(spec: TensorSpec, decoded: Tensors) -> Any:
    array = decoded.get(spec.name)
    if not isinstance(array, np.ndarray):
        raise EngineFault(f"the codec's decode returned no array '{spec.name}'")
    if array.dtype != dtype_of(spec.datatype) or array.ndim != len(spec.shape):
        raise EngineFault(
            f"the codec's decode returned '{spec.name}' as {array.dtype}{list(array.shape)} "
            f"instead of {spec.datatype}{list(spec.shape)}"
        )
    return array


def _broken(step: str, error: Exception) -> EngineFault:
    return EngineFault(
        f"the codec's {step} failed: {type(error).__name__}: {error}",
        "the model's codec failed; the worker's log says why",
        reason="CODEC_FAULT",
    )
