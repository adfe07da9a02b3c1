# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Loading one version: engines, the domain's preparation, warm-up, golden samples."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from argosy_worker import cpus
from argosy_worker.engines import registry
from argosy_worker.engines.codec import with_codec
from argosy_worker.engines.port import Engine, EngineFactory, EngineOptions
from argosy_worker.errors import ModelInvalid
from argosy_worker.lifecycle import golden, memory, padding_check
from argosy_worker.lifecycle.domain import Domain, LoadedGraph
from argosy_worker.lifecycle.instance_call import InstanceCall
from argosy_worker.lifecycle.served import ServedModel
from argosy_worker.lifecycle.warm_up import WarmUp
from argosy_worker.repository.digest import digest
from argosy_worker.repository.scan import ModelEntry
from argosy_worker.repository.schema import SequenceBatching
from argosy_worker.scheduling.batcher import Batcher, BatcherOptions
from argosy_worker.scheduling.device import Devices
from argosy_worker.scheduling.padding import Sequences

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Loader:
    """Loads versions of one domain's models."""

    domain: Domain
    executor: Executor
    """Runs what blocks: reading files, building sessions."""
    inline_below_s: float
    cache: Path | None = None
    """Folder for optimised graphs; None keeps none."""
    engine: Callable[[str], EngineFactory] = registry.engine
    """Finds an engine by its name."""
    devices: Devices = field(default_factory=Devices)
    """What the models run on, and share."""

    async def load(self, entry: ModelEntry, version: int) -> ServedModel:
        """Loads and checks one version; it is ready to answer when this returns.

        Raises:
            ModelInvalid: it cannot be served, and why.
        """
        loop = asyncio.get_running_loop()
        phases = _Phases()
        # The engine's library is loaded before memory is measured: it is not the first model's.
        factory = await loop.run_in_executor(self.executor, self.engine, entry.config.execution.engine)
        before = await loop.run_in_executor(self.executor, memory.resident_bytes)
        phases.end("library_ms")
        engines = await loop.run_in_executor(self.executor, self._engines, factory, entry, version)
        phases.end("engine_ms")
        try:
            graph = LoadedGraph(
                entry.name, entry.folder, entry.config, entry.labels, engines[0].inputs, engines[0].outputs
            )
            _check_batch_dimension(graph)
            section = entry.config.batching.sequences
            sequences = _sequences(section)
            if section is not None and sequences is not None:
                check = partial(padding_check.check, engines[0], sequences, section.tolerance)
                await loop.run_in_executor(self.executor, check)
            codec = await loop.run_in_executor(self.executor, self.domain.prepare, graph)
        except BaseException:
            for engine in engines:
                engine.close()
            raise
        phases.end("prepare_ms")
        batching = entry.config.batching
        options = BatcherOptions(
            max_batch_size=batching.max_batch_size,
            max_queue=batching.max_queue,
            sequences=sequences,
            max_delay_s=batching.max_delay_ms / 1e3,
            inline_below_s=self.inline_below_s,
        )
        device = ",".join(sorted({engine.device for engine in engines}))
        batcher = Batcher(engines, options, self.devices.named(engines[0].device))
        served = ServedModel(graph, version, device, batcher, codec, engines)
        try:
            warm_up = WarmUp()
            await warm_up.run(served, sequences, self.executor)
            phases.end("warm_up_ms")
            await golden.check_instances(served, self.domain)
            phases.end("golden_ms")
            served.sha256 = await loop.run_in_executor(self.executor, digest, entry.folder / str(version))
            served.memory_bytes = await loop.run_in_executor(self.executor, _taken, engines, before, entry, version)
        except BaseException:
            await served.batcher.close()
            raise
        about = {"model": entry.name, "version": version, "memory_bytes": served.memory_bytes}
        shapes = {"warm_up_shapes": warm_up.shapes, "warm_up_skipped": warm_up.skipped}
        logger.info("model loaded", extra={**about, **phases.ms, **shapes})
        return served

    async def renewed(self, served: ServedModel) -> Any:
        """Prepares a version's codec anew from its files, and tries it with the golden samples; nothing is replaced.

        Raises:
            ModelInvalid: the files cannot be used, and why.
        """
        loop = asyncio.get_running_loop()
        codec = await loop.run_in_executor(self.executor, self.domain.prepare, served.graph)
        await golden.check(served.graph, served.version, self.domain, InstanceCall(served, served.engines[0], codec))
        return codec

    def _engines(self, factory: EngineFactory, entry: ModelEntry, version: int) -> Sequence[Engine]:
        execution = entry.config.execution
        limit = execution.gpu_mem_limit_mb
        options = EngineOptions(
            instances=execution.instances,
            threads=_threads(entry),
            providers=tuple(execution.providers),
            device_ids=tuple(execution.device_ids),
            device_memory_limit_bytes=None if limit is None else limit * 1_000_000,
            device_arena=execution.gpu_arena,
            device_convolutions=execution.gpu_convolutions,
            cache=self.cache,
            parameters=execution.parameters,
        )
        engines = factory(entry.folder / str(version), options)
        if entry.config.codec is None:
            return engines
        try:
            return with_codec(engines, entry.config.codec, entry.folder)
        except BaseException:
            for engine in engines:
                engine.close()
            raise


def _threads(entry: ModelEntry) -> int:
    wanted, processors = entry.config.execution.threads, cpus.available()
    if wanted > processors:
        extra = {"model": entry.name, "threads": wanted, "processors": processors}
        logger.warning("fewer threads than execution.threads: the worker may not use so many processors", extra=extra)
    return min(wanted, processors)


class _Phases:
    """How long each part of a load took, in ms."""

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}
        self._last = time.monotonic()

    def end(self, name: str) -> None:
        """Ends a part; the next one begins."""
        now = time.monotonic()
        self.ms[name] = round((now - self._last) * 1e3, 1)
        self._last = now


def _taken(engines: Sequence[Engine], before: int, entry: ModelEntry, version: int) -> int:
    """Memory that a version takes, in bytes: what its engines say, else by how much the process has grown.

    What the process had freed and kept hides some of the growth, so that the files' size counts where it is more.
    """
    known = [engine.memory_bytes for engine in engines if engine.memory_bytes is not None]
    if len(known) == len(engines):
        return sum(known)
    return max(memory.resident_bytes() - before, memory.file_bytes(entry.folder / str(version)))


def _sequences(section: SequenceBatching | None) -> Sequences | None:
    if section is None:
        return None
    buckets = tuple(sorted(section.buckets))
    return Sequences(section.inputs, frozenset(section.outputs), buckets, section.max_tokens)


def _check_batch_dimension(graph: LoadedGraph) -> None:
    if graph.config.batching.max_batch_size == 0:
        return
    for spec in (*graph.inputs, *graph.outputs):
        if (
            not spec.shape
            or spec.shape[0] not in (-1, 1)
            or (spec.shape[0] == 1 and graph.config.batching.max_batch_size > 1)
        ):
            raise ModelInvalid(
                f"tensor '{spec.name}' of shape {list(spec.shape)} has no variable first dimension to batch along: "
                "export it with one, or set batching.max_batch_size to 1 (fixed at 1) or 0 (none)"
            )
