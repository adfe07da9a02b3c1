# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The table from errors to statuses, from the one that the worker uses."""

import inspect
from typing import Any

from argosy_worker.serving.status import TYPED_CODES, V2_CODES

from tools.reference_tables.markdown import code, table


def table_rows() -> list[tuple[str, str, str, str]]:
    """One row for each class of errors: usual reason, status in the typed APIs and in V2, and what it means."""
    return [(code(kind.reason), typed.name, V2_CODES[kind].name, _meaning(kind)) for kind, typed in TYPED_CODES.items()]


def _meaning(kind: type[Any]) -> str:
    return (inspect.getdoc(kind) or "").split("\n\n")[0].replace("``", "`")


def table_of_errors() -> str:
    """The errors that a worker sends."""
    return table(("usual reason", "typed APIs", "V2", "meaning"), table_rows())
