# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Why a local fleet cannot run."""


class CannotRun(Exception):
    """The fleet cannot start, or did not get READY. The text is one line that says what is wrong and what to do."""
