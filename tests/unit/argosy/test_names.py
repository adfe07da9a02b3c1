# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
import pytest
from argosy.names import MODEL_NAME_LENGTH, is_model_name


@pytest.mark.parametrize("name", ["a", "7", "digits", "A.b_c-1", "x" * MODEL_NAME_LENGTH])
def test_a_model_can_have_a_name_of_letters_digits_and_three_signs(name: str) -> None:
    assert is_model_name(name)


@pytest.mark.parametrize(
    "name", ["", ".", "-a", "_a", "a b", "a/b", "a\n", "\na", "a\0", "ä", "x" * (MODEL_NAME_LENGTH + 1)]
)
def test_no_model_has_a_name_that_a_header_a_folder_or_a_log_line_cannot_carry(name: str) -> None:
    assert not is_model_name(name)
