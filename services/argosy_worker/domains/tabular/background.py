# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The ordinary rows that are stored with a model."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import ANY, Port, invalid
from argosy_worker.repository.scan import asset
from argosy_worker.repository.sections.tabular import TabularSection

#: Most rows of a background, stored or sent.
MOST_ROWS = 256
_KEY = "tabular.background"


def read_background(folder: Path, section: TabularSection, port: Port) -> NDArray[np.float32] | None:
    """The rows of ``tabular.background``; None where the model has none.

    Raises:
        argosy_worker.errors.ModelInvalid: the file is absent or no such array, or its values are not finite.
    """
    if section.background is None:
        return None
    path = asset(folder, section.background)
    try:
        with path.open("rb") as file:  # read_array alone takes neither archives nor pickles
            found = np.lib.format.read_array(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise invalid(_KEY, f"cannot read {section.background!r} as a NumPy file: {error}") from error
    shape = (section.timesteps or port.extent(0), len(section.features)) if section.sequences else None
    wanted = shape or (len(section.features),)
    if found.dtype != np.float32 or found.ndim != len(wanted) + 1 or not 1 <= len(found) <= MOST_ROWS:
        raise invalid(_KEY, f"must be FP32 of {len(wanted) + 1} dimensions, and of 1 to {MOST_ROWS} rows")
    if any(have != want for have, want in zip(found.shape[1:], wanted, strict=True) if want != ANY):
        raise invalid(_KEY, f"has the shape {list(found.shape)}; its rows must be {list(wanted)}")
    if not np.isfinite(found).all():
        raise invalid(_KEY, "has values that are not finite")
    return np.asarray(found)
