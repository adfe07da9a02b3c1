# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What ends an addition."""

from collections.abc import Mapping


class Refused(ValueError):
    """The graph cannot be served as it is.

    Args:
        code: Code of the finding, UPPER_SNAKE.
        message: What is wrong, in one sentence.
        numbers: Values that the advice names, such as the newest opset.
    """

    def __init__(self, code: str, message: str, numbers: Mapping[str, int] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.numbers = dict(numbers or {})
