# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Text that came from elsewhere, made safe for a terminal."""


def clean(text: str) -> str:
    """Replaces control characters (escape sequences could rewrite the screen); line breaks stay."""
    return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text)
