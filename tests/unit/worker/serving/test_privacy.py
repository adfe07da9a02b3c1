# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What is logged of a failed call holds nothing that its caller sent."""

import pytest
from argosy_worker.serving.privacy import frames, without_values


@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("Gather node. Name:'g' idx=9876 is out of [-10,9]", "Gather node. Name:# idx=# is out of [#,#]"),
        ("cannot cast 'my secret' to float", "cannot cast # to float"),
        ('unmatched "quote that was cut', "unmatched #"),
        ("node conv2_bn1 failed with 1.5e-3 and .25", "node conv2_bn1 failed with # and #"),
    ],
)
def test_quoted_texts_and_numbers_of_an_engine_are_left_out(said: str, logged: str) -> None:
    assert without_values(said) == logged


def test_a_long_text_is_cut() -> None:
    assert len(without_values("word " * 10_000)) == 1000


def test_a_defect_is_told_by_kind_and_place() -> None:
    def parse(text: str) -> float:
        return float(text)

    try:
        try:
            parse("secret")
        except ValueError as error:
            raise RuntimeError("also secret") from error
    except RuntimeError as error:
        told = frames(error)
    assert "builtins.RuntimeError" in told
    assert "builtins.ValueError" in told
    assert "in parse" in told
    assert "'secret'" not in told.replace('parse("secret")', "")
    assert "could not convert" not in told
