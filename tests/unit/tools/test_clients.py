# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import sys

import pytest

from tools.clients import Failed, Toolchain, check_output

GOOD = "answer: 7 (0.998)\ntoo late: DeadlineExceeded\nunknown model: NOT_FOUND MODEL_NOT_FOUND\n"
PYTHON = (sys.executable, "-c", "print('go version go1.22.3 linux')")


def test_the_expected_lines_pass_in_any_spelling_of_codes_and_with_colours() -> None:
    check_output(GOOD)
    check_output(f"\x1b[0m{GOOD}\x1b[0m")


@pytest.mark.parametrize(
    ("right", "wrong"), [("answer: 7", "answer: 1"), ("DeadlineExceeded", "Unavailable"), ("MODEL_NOT_FOUND", "")]
)
def test_a_wrong_answer_or_code_or_a_missing_reason_fails(right: str, wrong: str) -> None:
    with pytest.raises(Failed):
        check_output(GOOD.replace(right, wrong))


def test_a_missing_line_fails() -> None:
    with pytest.raises(Failed):
        check_output(GOOD.splitlines()[0])


def test_a_missing_program_and_an_old_version_are_named() -> None:
    assert Toolchain(("no-such-program",), PYTHON, (1,)).missing() == "no no-such-program"
    assert Toolchain((), PYTHON, (1, 24)).missing() == "version 1.22.3 is older than 1.24"
    assert Toolchain((), PYTHON, (1, 22)).missing() == ""
