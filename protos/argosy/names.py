# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Names of models, as all programs take them: a header, a label of a metric, a folder and a log line can carry them."""

import re

MODEL_NAME_LENGTH = 128
#: What the whole name must match: an expression for schemas, which say themselves where it begins and ends.
MODEL_NAME = rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{MODEL_NAME_LENGTH - 1}}}"

_MODEL_NAME = re.compile(MODEL_NAME)


def is_model_name(text: str) -> bool:
    """Whether a model can have this name."""
    return _MODEL_NAME.fullmatch(text) is not None
