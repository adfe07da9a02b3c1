# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Reading the end of a process's log."""

import json
from pathlib import Path

TAIL_BYTES = 16 * 1024
MOST_CHARACTERS = 300


def last_line(path: Path, since: int = 0) -> str:
    """Returns the last line that is not blank of what was written from byte ``since`` on; empty where there is none.

    Of a JSON log record only the message is returned. Long lines are cut.
    """
    with path.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(max(since, end - TAIL_BYTES))
        lines = [line.strip() for line in file.read().decode(errors="replace").splitlines()]
    last = next((line for line in reversed(lines) if line), "")
    return _message(last)[:MOST_CHARACTERS]


def _message(line: str) -> str:
    if not line.startswith("{"):
        return line
    try:
        record = json.loads(line)
    except ValueError:
        return line
    return str(record.get("error") or record.get("message") or record.get("event") or line)
