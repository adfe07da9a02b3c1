# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Structured logs of every program: JSON lines where nobody is looking, short text on a terminal. Never a payload."""

import json
import logging
import sys
from datetime import UTC, datetime

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, and whatever ``extra`` holds."""

    def format(self, record: logging.LogRecord) -> str:
        """Formats one record."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_extra(record),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


class TextFormatter(logging.Formatter):
    """Time of day, level, message, ``extra`` as key=value, and the exception on lines of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """Formats one record."""
        fields = (f"{key}={value}" for key, value in _extra(record).items())
        start = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname.lower()} {record.getMessage()}"
        text = " ".join([start, *fields])
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


def configure() -> None:
    """Sends all logs of the program to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(TextFormatter() if sys.stderr.isatty() else JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}
