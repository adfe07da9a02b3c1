# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Structured logs: JSON lines where nobody is looking, short text on a terminal. Never a payload."""

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
            entry["trace"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


class TextFormatter(logging.Formatter):
    """Time, level, message, and ``extra`` as key=value."""

    def format(self, record: logging.LogRecord) -> str:
        """Formats one record."""
        return " ".join([super().format(record), *(f"{key}={value}" for key, value in _extra(record).items())])


def configure() -> None:
    """Sends all logs to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    terminal = sys.stderr.isatty()
    handler.setFormatter(TextFormatter("%(asctime)s %(levelname)s %(message)s") if terminal else JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def _extra(record: logging.LogRecord) -> dict[str, object]:
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}
