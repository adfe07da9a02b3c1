# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""How every model is measured."""

from tools.quality import nlp, recommendation, speech, tabular, vision
from tools.quality.reading import Measure

#: By ``domain/name``, in order.
MEASURES: dict[str, Measure] = {
    f"{domain.__name__.rpartition('.')[2]}/{name}": measure
    for domain in (nlp, recommendation, speech, tabular, vision)
    for name, measure in domain.MEASURES.items()
}
