# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""One format of logs for all programs."""

import json
import logging

from argosy.logs import JsonFormatter, TextFormatter


def record(**extra: object) -> logging.LogRecord:
    made = logging.LogRecord("argosy_worker", logging.ERROR, __file__, 1, "engine %s", ("fault",), None)
    vars(made).update(extra)
    return made


def test_a_line_for_programs_is_one_json_object_with_the_fields_of_the_event() -> None:
    line = JsonFormatter().format(record(request_id="r\n7", size=3))
    entry = json.loads(line)
    assert "\n" not in line
    assert (entry["level"], entry["logger"], entry["message"]) == ("ERROR", "argosy_worker", "engine fault")
    assert (entry["request_id"], entry["size"]) == ("r\n7", 3)
    assert entry["time"].endswith("+00:00")


def test_a_line_for_people_has_the_same_fields() -> None:
    assert TextFormatter().format(record(request_id="r7")).endswith(" error engine fault request_id=r7")


def test_an_exception_is_told_in_both() -> None:
    try:
        raise ValueError("why")
    except ValueError as error:
        failed = record()
        failed.exc_info = (ValueError, error, error.__traceback__)
    assert "ValueError: why" in json.loads(JsonFormatter().format(failed))["exception"]
    assert TextFormatter().format(failed).splitlines()[-1] == "ValueError: why"
