# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The sections of ``model.yaml`` that one domain alone reads: how its inputs are prepared and its outputs read."""

from argosy_worker.repository.sections import nlp, recommendation, speech, tabular, vision
from argosy_worker.repository.sections.nlp import NlpSection
from argosy_worker.repository.sections.recommendation import RecommendationSection
from argosy_worker.repository.sections.speech import SpeechSection
from argosy_worker.repository.sections.tabular import TabularSection
from argosy_worker.repository.sections.vision import VisionSection

__all__ = [
    "DOMAIN_METHODS",
    "NlpSection",
    "RecommendationSection",
    "SpeechSection",
    "TabularSection",
    "VisionSection",
]

#: Methods of each domain's service. A model implements some of its domain's.
DOMAIN_METHODS: dict[str, tuple[str, ...]] = {
    "vision": vision.METHODS,
    "speech": speech.METHODS,
    "nlp": nlp.METHODS,
    "recommendation": recommendation.METHODS,
    "tabular": tabular.METHODS,
}
