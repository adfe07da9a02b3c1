# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Becomes a command that dies with its parent: ``python -I -S child.py PARENT_PID COMMAND...``.

A program of its own, so that a supervisor with threads never runs Python between fork and exec. It imports nothing
of ours and little else: it starts in a few hundredths of a second.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Asks Linux for SIGKILL on the parent's death, then becomes the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux" and ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL)) != 0:
        raise SystemExit("prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:  # it died before it could be watched
        raise SystemExit("the supervisor is gone")
    try:
        os.execvp(command[0], command)  # noqa: S606 - no shell, on purpose
    except OSError as error:
        raise SystemExit(f"cannot run {command[0]}: {error.strerror}") from error


if __name__ == "__main__":
    main()
