# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What is still known of a domain while an autoscaler leaves it without workers."""

from collections.abc import Mapping, Sequence

from argosy.fleet.v1.model_pb2 import ModelDescription, WorkerModel

from argosy_gateway.fleet import WorkerView


class Sleeper:
    """One domain. It falls asleep with its last worker, and is awake once a worker can answer."""

    def __init__(self) -> None:
        self.asleep = True
        self.described: Sequence[ModelDescription] = ()
        """Models that the source of workers tells of, whether or not there are workers."""
        self._last: dict[str, WorkerModel] = {}

    @property
    def models(self) -> Mapping[str, WorkerModel]:
        """Its models by name: as the last workers held them, else as they are described."""
        return {each.name: WorkerModel(description=each) for each in self.described} | self._last

    def see(self, workers: Sequence[WorkerView]) -> None:
        """Takes note of its workers as they are now."""
        held = [worker for worker in workers if worker.loaded]
        if any(worker.ready_models for worker in held):
            self.asleep = False
            self._last = {name: model for worker in held for name, model in worker.models.items()}
        elif not held:
            self.asleep = True
