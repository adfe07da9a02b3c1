# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A whole fleet: a worker of each domain with the models that come with Argosy, behind a gateway.

``shared_fleet`` gives every test process of a run the same one. Nothing restarts its processes: a fleet that still
answers consists of those that it began with. ``python -m tests.support.fleet FOLDER`` is the process that keeps it.
"""

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from tests.support.envoy import Gateway, run_gateway
from tests.support.worker import WorkerProcess, await_health, run_worker
from tools.quality import reading

MODELS = reading.MODELS
#: Domain of each worker and its default model.
DEMO = {
    "nlp": "sentiment",
    "recommendation": "behaviour",
    "speech": "commands",
    "tabular": "diabetes",
    "vision": "digits",
}


def demo_models(domain: str) -> list[str]:
    """The names of a domain's models, in order."""
    return [name for part, name in (each.split("/") for each in reading.checked_in()) if part == domain]


@dataclass(frozen=True)
class FleetAddresses:
    """Where a fleet listens, as "host:port"."""

    gateway: str
    control_plane: str
    admin_port: int
    workers: dict[str, str]
    pids: dict[str, int]


def copy_models(folder: Path, domain: str, *models: str) -> Path:
    """Copies a domain's demo model, once under each name; returns the repository."""
    repository = folder / domain
    for name in models or (DEMO[domain],):
        shutil.copytree(MODELS / domain / DEMO[domain], repository / name)
        configuration = repository / name / "model.yaml"
        configuration.write_text(configuration.read_text().replace(f"name: {DEMO[domain]}\n", f"name: {name}\n"))
    return repository


def copy_all_models(folder: Path, domain: str) -> Path:
    """Copies all models of a domain; returns the repository."""
    for name in demo_models(domain):
        shutil.copytree(MODELS / domain / name, folder / domain / name)
    return folder / domain


@contextlib.contextmanager
def run_workers(repositories: Sequence[tuple[str, Path]], *options: str) -> Iterator[list[WorkerProcess]]:
    """Starts workers at the same time and waits until all of them serve."""
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(len(repositories)) as pool:
        starting = [run_worker(domain, repository, *options) for domain, repository in repositories]
        started = [pool.submit(stack.enter_context, worker) for worker in starting]
        yield [worker.result() for worker in started]


@contextlib.contextmanager
def run_demo_fleet(folder: Path) -> Iterator[tuple[Gateway, dict[str, WorkerProcess]]]:
    """Runs a worker of each domain with all its models, and a gateway before them; yields it and the workers."""
    models = folder / "models"
    (folder / "gateway").mkdir()
    with run_workers([(domain, copy_all_models(models, domain)) for domain in DEMO], "--drain-s", "0") as running:
        workers = dict(zip(DEMO, running, strict=True))
        for domain, worker in workers.items():
            for name in demo_models(domain):
                await_health(worker.address, f"model/{name}")
        addresses = [(domain, worker.address) for domain, worker in workers.items()]
        with run_gateway(addresses, folder / "gateway") as gateway:
            yield gateway, workers


@contextlib.contextmanager
def shared_fleet(folder: Path) -> Iterator[FleetAddresses]:
    """The fleet of all test processes that name the same folder.

    The first one starts the process that keeps it. That process stops the fleet once nobody holds the lock "users" any
    more, so the fleet ends with the tests, even with killed ones.
    """
    folder.mkdir(exist_ok=True)
    with (folder / "users").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        with (folder / "start").open("w") as start:
            fcntl.flock(start, fcntl.LOCK_EX)
            if not (folder / "addresses.json").exists():
                _start_keeper(folder)
        yield FleetAddresses(**json.loads((folder / "addresses.json").read_text()))
        _leave(users, folder)


def _start_keeper(folder: Path) -> None:
    """Returns once the fleet answers; what failed is raised with the keeper's log."""
    with (folder / "log").open("wb") as log:
        # The process ends when the fleet is up, leaving behind a child that no test process has to wait for.
        command = [sys.executable, "-m", "tests.support.fleet", str(folder)]
        status = subprocess.run(command, stdout=log, stderr=log, cwd=MODELS.parent, check=False).returncode
    if status != 0:
        raise AssertionError(f"the fleet did not start: {(folder / 'log').read_text()}")


def _leave(users: IO[str], folder: Path) -> None:
    """Gives up the fleet, and waits for its end where nobody else uses it."""
    with (folder / "kept").open("w") as kept, contextlib.suppress(BlockingIOError):
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(users, fcntl.LOCK_UN)
        fcntl.flock(kept, fcntl.LOCK_EX)


def _keep(folder: Path, started: int) -> None:
    """Runs the fleet until nobody uses it; writes a byte to ``started`` once it answers."""
    run = folder / f"run-{os.getpid()}"
    run.mkdir()
    with (folder / "kept").open("w") as kept, run_demo_fleet(run) as (gateway, workers):
        fcntl.flock(kept, fcntl.LOCK_EX)
        addresses = FleetAddresses(
            gateway.address,
            gateway.control_plane,
            gateway.admin_port,
            {domain: worker.address for domain, worker in workers.items()},
            {
                **{domain: worker.process.pid for domain, worker in workers.items()},
                **{name: process.pid for name, process in gateway.processes.items()},
            },
        )
        (folder / "addresses.json").write_text(json.dumps(asdict(addresses)))
        os.write(started, b".")
        with (folder / "users").open("w") as users:
            fcntl.flock(users, fcntl.LOCK_EX)
            (folder / "addresses.json").unlink()


def main(folder: Path) -> int:
    """Keeps a fleet in a process of its own session; returns once the fleet answers, 1 where it does not."""
    reading, writing = os.pipe()
    if os.fork():
        os.close(writing)
        return 0 if os.read(reading, 1) else 1
    os.setsid()
    os.close(reading)
    status = 0
    try:
        _keep(folder, writing)
    except Exception:
        traceback.print_exc()
        status = 1
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
