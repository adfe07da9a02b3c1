# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Workers that hold the same models behind a gateway of their own; any may be ended and started again on its port."""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.load import Load
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
    front: Callable[..., contextlib.AbstractContextManager[Gateway]] = run_gateway,
) -> Iterator[tuple[Replicas, Gateway]]:
    """Runs workers of a repository, whose name is their domain, with a gateway before them.

    Args:
        folder: Where the gateway's files go.
        repository: The models.
        options: Further options of the workers.
        count: How many workers.
        module: What runs as control plane.
        environment: The workers'; None inherits this process's.
        front: Runs what follows the workers: a gateway, or a control plane alone.
    """
    (folder / "gateway").mkdir()
    with contextlib.ExitStack() as stack:
        replicas = Replicas(repository.name, repository, options, environment, stack, [])
        with ThreadPoolExecutor(count) as pool:
            replicas.workers = list(pool.map(replicas.run, range(count)))
        addresses = [(replicas.domain, worker.address) for worker in replicas.workers]
        with front(addresses, folder / "gateway", module=module) as gateway:
            yield replicas, gateway


def end_in_turn(replicas: Replicas, load: Load, end: Callable[[int], int | None], events: int, requests: int) -> None:
    """Ends workers in turn, each while all others answer, and waits until the ended one answers again.

    ``requests`` is how many calls are in flight around each end at least.
    """
    for event in range(events):
        which = event % len(replicas.workers)
        for each in range(len(replicas.workers)):
            load.answers_from(f"replica-{each}")
        load.more(requests // 3)
        end(which)
        load.more(requests)
        replicas.start(which)
        load.answers_from(f"replica-{which}")
