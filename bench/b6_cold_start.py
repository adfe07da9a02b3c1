# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""B6: a worker from exec to READY, at the first start and at the second, and where the time goes."""

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import encoder_model, procs, tiny_model
from bench.report import Section, Table
from bench.stats import spread

DOMAIN = "tabular"
INSTANCES = 4
_COLUMNS = ("start", "exec to READY, s", "until it serves", "library", "engine", "warm-up", "memory, MB")


@dataclass(frozen=True, slots=True)
class Start:
    """One start; times in seconds."""

    ready_s: float
    serving_s: float
    library_s: float
    engine_s: float
    warm_up_s: float
    memory_mb: float


def run(rounds: int, progress: Callable[[str], None]) -> Section:
    """Starts workers, each kind once in a round, so that all kinds see the same machine."""
    starts: dict[str, list[Start]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tiny_model.make().write(folder / "tiny")
        encoder_model.write(folder / "one")
        encoder_model.write(folder / "several", INSTANCES)
        for number in range(rounds):
            cache = folder / f"cache{number}"
            for kind, repository, kept in (
                ("tiny model", folder / "tiny", None),
                ("encoder, no cache", folder / "one", None),
                ("encoder, first start", folder / "one", cache),
                ("encoder, second start", folder / "one", cache),
                (f"encoder, {INSTANCES} instances, second start", folder / "several", cache),
            ):
                progress(f"round {number + 1} of {rounds}: {kind}")
                starts.setdefault(kind, []).append(_start(folder, repository, kept))
    rows = tuple((kind, *_cells(measured)) for kind, measured in starts.items())
    notes = (
        "Library is the import of ONNX Runtime; warm-up are runs of 1, 2, 4 and so on items up to a full batch.",
        "Encoder: 12 layers of 384, 85 MB, random weights. Memory is what the worker measured for the model.",
        "At the first start the graph is optimised, written and loaded again; the second maps what was written.",
    )
    return Section("b6", Table("B6: cold start of a worker", _COLUMNS, rows, notes), rounds=starts)


def _start(folder: Path, repository: Path, cache: Path | None) -> Start:
    command = (sys.executable, "-m", "argosy_worker", DOMAIN, "--repository", str(repository), "--port", "0")
    options = ("--metrics-port", "0", "--repository-poll-s", "0", "--cache-dir", str(cache or ""), "--drain-s", "0")
    began = time.monotonic()
    with procs.running("worker", (*command, *options), folder, None) as server:
        server.wait_for("serving")
        serving_s = time.monotonic() - began
        loaded: dict[str, Any] = server.wait_for("model loaded")
        server.wait_for("model ready")
        ready_s = time.monotonic() - began
    library_s, engine_s, warm_up_s = (loaded[part] / 1e3 for part in ("library_ms", "engine_ms", "warm_up_ms"))
    return Start(ready_s, serving_s, library_s, engine_s, warm_up_s, loaded["memory_bytes"] / 1e6)


def _cells(starts: list[Start]) -> tuple[str, ...]:
    digits = {"memory_mb": 0}
    return tuple(spread(getattr(start, name) for start in starts).text(digits.get(name, 2)) for name in Start.__slots__)
