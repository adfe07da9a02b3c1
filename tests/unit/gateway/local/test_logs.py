# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
from pathlib import Path

from argosy_gateway.local.logs import last_line


def test_the_last_line_that_is_not_blank_is_quoted(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("first\nport 8101 is taken\n\n  \n")
    assert last_line(log) == "port 8101 is taken"


def test_lines_of_an_earlier_life_are_not_quoted(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("the first life ended\n")
    assert last_line(log, since=log.stat().st_size) == ""


def test_only_the_message_of_a_json_record_is_quoted(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text('{"level": "error", "message": "no repository"}\n')
    assert last_line(log) == "no repository"


def test_text_that_only_looks_like_json_is_quoted_as_it_is(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("{half a record\n")
    assert last_line(log) == "{half a record"


def test_bytes_that_are_not_text_and_endless_lines_do_no_harm(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(b"\xff\xfe" + b"x" * 100_000)
    assert 0 < len(last_line(log)) <= 300
