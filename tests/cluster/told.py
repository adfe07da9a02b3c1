# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What tests have measured, told at the end of a run, of tests that passed too."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

#: Name of the property of a test's report under which it is kept.
PROPERTY = "measured"


class Tell(Protocol):
    """Keeps a line of what a test has measured."""

    def __call__(self, line: str, /) -> None: ...


def calls(report: Mapping[str, Any]) -> str:
    """A load's last report in a line: every status with its count, the slowest call, and the slow ones."""
    codes = ", ".join(f"{code} {count:,}" for code, count in sorted(report["codes"].items()))
    slow = "".join(f"; {each}" for each in report.get("slow", ()))
    return f"{sum(report['codes'].values()):,} calls: {codes}; slowest {report['slowest_s']} s{slow}"


def lines(reports: Iterable[Any]) -> Iterator[str]:
    """Each line that was kept, once, after the name of its test."""
    seen: dict[tuple[str, str], None] = {}
    for report in reports:
        # The report of a test's end has what that of the test itself has too.
        seen |= {
            (report.nodeid, line): None for name, line in getattr(report, "user_properties", ()) if name == PROPERTY
        }
    for test, line in seen:
        yield f"{test.rpartition('::')[2]}: {line}"
