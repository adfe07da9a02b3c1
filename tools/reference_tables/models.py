# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The table of models that come with Argosy, from their model.yaml."""

from tools.quality.reading import checked_in, configuration
from tools.reference_tables.markdown import table


def catalogue() -> str:
    """What each model is for, with a link to its card."""
    rows = [(f"[{name}](../models/{name}/MODEL_CARD.md)", configuration(name)["description"]) for name in checked_in()]
    return table(("model", "what it does"), rows)
