# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The real command ``argosy``, as a process."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

#: The same lines on every machine, and no fleet by accident.
ENVIRONMENT = {**os.environ, "COLUMNS": "300", "NO_COLOR": "1", "ARGOSY_ADDRESS": "127.0.0.1:1"}


@dataclass(frozen=True)
class Ended:
    """Exit status and what was written."""

    status: int
    out: str
    err: str


def argosy_command(*arguments: str, package: Path | None = None, **variables: str) -> Ended:
    """Runs ``argosy`` to its end; ``package`` is where argosy_client is taken from instead of its own place, and
    ``variables`` are further ones of its environment."""
    command, environment = [str(Path(sys.executable).with_name("argosy")), *arguments], {**ENVIRONMENT, **variables}
    if package is not None:
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(package), os.environ.get("PYTHONPATH"))))
    ended = subprocess.run(command, capture_output=True, text=True, timeout=100, env=environment, check=False)
    return Ended(ended.returncode, ended.stdout, ended.stderr)
