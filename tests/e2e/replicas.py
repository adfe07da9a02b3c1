# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Workers that hold the same models behind a gateway of their own; any may be ended and started again on its port."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.support.envoy import Gateway, run_gateway
from tests.support.worker import WorkerProcess, run_worker


@dataclass
class Replicas:
    """The workers, whose trailers say replica-0, replica-1 and so on."""

    domain: str
    repository: Path
    options: Sequence[str]
    environment: Mapping[str, str] | None
    stack: contextlib.ExitStack
    workers: list[WorkerProcess]

    def run(self, which: int, port: int = 0) -> WorkerProcess:
        """Starts one; returns once it serves."""
        options = ("--replica", f"replica-{which}", *self.options)
        started = run_worker(self.domain, self.repository, *options, port=port, environment=self.environment)
        return self.stack.enter_context(started)

    def kill(self, which: int) -> None:
        """SIGKILL: connections break in the middle of calls."""
        self.workers[which].process.kill()
        self.workers[which].process.wait()

    def start(self, which: int) -> None:
        """Starts one that has ended again; returns once it serves."""
        self.workers[which] = self.run(which, self.workers[which].port)

    def stop(self, which: int) -> int:
        """SIGTERM; returns the exit code."""
        self.workers[which].process.terminate()
        return self.workers[which].process.wait(60)

    def ended(self) -> list[int]:
        """Which have ended."""
        return [which for which, worker in enumerate(self.workers) if worker.process.poll() is not None]


@contextlib.contextmanager
def run_replicas(
    folder: Path,
    repository: Path,
    *options: str,
    count: int = 2,
    module: str = "argosy_gateway",
    environment: Mapping[str, str] | None = None,
) -> Iterator[tuple[Replicas, Gateway]]:
    """Runs workers of a repository, whose name is their domain, with a gateway before them.

    Args:
        folder: Where the gateway's files go.
        repository: The models.
        options: Further options of the workers.
        count: How many workers.
        module: What runs as control plane.
        environment: The workers'; None inherits this process's.
    """
    (folder / "gateway").mkdir()
    with contextlib.ExitStack() as stack:
        replicas = Replicas(repository.name, repository, options, environment, stack, [])
        with ThreadPoolExecutor(count) as pool:
            replicas.workers = list(pool.map(replicas.run, range(count)))
        addresses = [(replicas.domain, worker.address) for worker in replicas.workers]
        with run_gateway(addresses, folder / "gateway", module=module) as gateway:
            yield replicas, gateway
