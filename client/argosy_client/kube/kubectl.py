# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Runs ``kubectl``; none of its processes outlives this one.

On Linux the system ends them where this process is killed. It does so when the thread that started them ends: start
them from the main thread.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, cast

from argosy import child

from argosy_client.kube.errors import KubeError, explain
from argosy_client.kube.settings import KUBECTL_TIMEOUT_S

PROGRAM = "kubectl"
#: Time in which a process that is asked to stop has to, in seconds.
STOP_S = 2.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """A namespace of the cluster that kubectl would ask.

    Args:
        namespace: Where the fleet is.
        context: Context of the configuration file; empty for the current one.
    """

    namespace: str
    context: str = ""

    def run(self, *arguments: str, text: str = "") -> str:
        """Runs kubectl to its end with ``text`` as its input; returns what it printed. Raises KubeError."""
        try:
            done = subprocess.run(
                self._command(*arguments, f"--request-timeout={KUBECTL_TIMEOUT_S:g}s"),
                input=text,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=2 * KUBECTL_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise KubeError(f"kubectl {arguments[0]} did not end within {error.timeout:g} s") from error
        if done.returncode != 0:
            raise explain(done.stderr)
        return done.stdout

    def start(self, *arguments: str) -> "Running":
        """Starts kubectl and leaves it running. Raises KubeError where there is none."""
        return Running(
            subprocess.Popen(
                self._command(*arguments),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",  # what programs log may be anything
            )
        )

    def _command(self, *arguments: str) -> Sequence[str]:
        program = shutil.which(PROGRAM)
        if program is None:
            raise KubeError(f"--kube works through {PROGRAM}, which is not on PATH: install it")
        chosen = (f"--namespace={self.namespace}", *([f"--context={self.context}"] if self.context else ()))
        return [sys.executable, "-I", "-S", child.__file__, str(os.getpid()), program, *arguments, *chosen]


class Running:
    """kubectl while it runs. ``output`` is all that it writes, errors too."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.output = cast(IO[str], process.stdout)

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def wait(self) -> int:
        """Waits for its end; returns its exit code."""
        return self._process.wait()

    def kill(self) -> None:
        """Ends it at once, without waiting for that."""
        self._process.kill()

    def end(self) -> None:
        """Ends it, and waits for that."""
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
