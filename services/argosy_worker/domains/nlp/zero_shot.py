# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Labels that a request names, compared with its texts by their embeddings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from argosy_worker.domains._shared.graph import invalid
from argosy_worker.domains._shared.labels import softmax
from argosy_worker.domains._shared.vectors import unit_rows
from argosy_worker.errors import InvalidInput
from argosy_worker.repository.sections.nlp import ZeroShot

#: Most labels of a request, and most bytes of one, in UTF-8.
MAX_LABELS, MAX_LABEL_BYTES = 100, 1000
_PLACE = "{label}"


@dataclass(frozen=True, slots=True)
class ZeroShotReader:
    """Turns labels into sentences, and similarities to them into scores."""

    section: ZeroShot

    def sentences(self, labels: Sequence[str]) -> list[str]:
        """What is embedded for each label."""
        return [self.section.template.replace(_PLACE, label) for label in labels]

    def probabilities(self, texts: NDArray[Any], labels: NDArray[Any]) -> NDArray[np.float64]:
        """The score of each label for each text, float64 [texts, labels], from vectors of any length."""
        similarities = unit_rows(texts).astype(np.float64) @ unit_rows(labels).astype(np.float64).T
        return softmax(similarities / self.section.temperature)


def prepare_zero_shot(section: ZeroShot) -> ZeroShotReader:
    """Checks the settings.

    Raises:
        argosy_worker.errors.ModelInvalid: the template has no place for the label.
    """
    if _PLACE not in section.template:
        raise invalid("nlp.zero_shot.template", f"must hold {_PLACE}, for which the label stands")
    return ZeroShotReader(section)


def checked_labels(labels: Sequence[str], *, wanted: bool) -> list[str]:
    """The candidate labels of a request.

    Args:
        wanted: Whether the model classifies by them.

    Raises:
        InvalidInput: LABELS_REFUSED, LABELS_REQUIRED, TOO_MANY_LABELS, LABEL_EMPTY, LABEL_TOO_LONG or LABEL_REPEATED.
    """
    if not wanted:
        if labels:
            raise _refusal("are for a model that classifies by given labels; this one has its own", "LABELS_REFUSED")
        return []
    if not labels:
        raise _refusal("is empty, and this model has no labels of its own: name some", "LABELS_REQUIRED")
    if len(labels) > MAX_LABELS:
        raise _refusal(f"holds {len(labels)} labels; name at most {MAX_LABELS}", "TOO_MANY_LABELS")
    for index, label in enumerate(labels):
        if not label.strip():
            raise _refusal(f"[{index}] is empty", "LABEL_EMPTY")
        if len(label.encode()) > MAX_LABEL_BYTES:
            raise _refusal(f"[{index}] is longer than {MAX_LABEL_BYTES} bytes", "LABEL_TOO_LONG")
    if len(set(labels)) != len(labels):
        raise _refusal("names a label twice", "LABEL_REPEATED")
    return list(labels)


def _refusal(text: str, reason: str) -> InvalidInput:
    space = "" if text.startswith("[") else " "
    return InvalidInput(f"candidate_labels{space}{text}", reason=reason, metadata={"field": "candidate_labels"})
