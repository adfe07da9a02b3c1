# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Python client of an Argosy fleet.

    from argosy_client import Argosy

    with Argosy() as fleet:
        print(fleet.vision.classify("seven.png").best)

Names are imported when first used, so that the command line starts without loading gRPC and NumPy.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argosy_client.aio_client import AsyncArgosy
    from argosy_client.client import Argosy
    from argosy_client.errors import (
        ArgosyError,
        DeadlineExceededError,
        NotFoundError,
        OverloadedError,
        UnavailableError,
    )
    from argosy_client.fleet_results import (
        Card,
        HealthStatus,
        Metric,
        Model,
        ModelReplica,
        ModelUpdate,
        ModelVersion,
        Provenance,
        TensorSpec,
        Worker,
    )
    from argosy_client.recommendation_results import RankedItems, Reason, ScoredItem, ScoredUser, SimilarUsers
    from argosy_client.results import (
        AudioResult,
        Embeddings,
        ExplanationSummary,
        ImageResult,
        Label,
        Rendering,
        TensorResult,
        Timing,
    )
    from argosy_client.speech_results import (
        ClipExplanation,
        DetectedSpeech,
        Recognition,
        SegmentAttribution,
        SpeechSegment,
        StreamedTranscript,
        Transcript,
        Word,
    )
    from argosy_client.tabular_results import (
        Anomaly,
        FeatureAttribution,
        RowError,
        StreamedPrediction,
        TabularExplanation,
        TabularResult,
    )
    from argosy_client.text_results import (
        Entity,
        RankedDocument,
        RankedDocuments,
        Similarities,
        Span,
        TextEntities,
        TextExplanation,
        TextResult,
        TokenAttribution,
        Tokens,
    )
    from argosy_client.vision_results import (
        Box,
        Comparison,
        Detection,
        Detections,
        ImageExplanation,
        Inspection,
        Segment,
        Segmentation,
    )

__all__ = [
    # Clients.
    "Argosy",
    "AsyncArgosy",
    # Errors.
    "ArgosyError",
    "DeadlineExceededError",
    "NotFoundError",
    "OverloadedError",
    "UnavailableError",
    # Answers of models.
    "Anomaly",
    "AudioResult",
    "Embeddings",
    "Entity",
    "ExplanationSummary",
    "FeatureAttribution",
    "ImageResult",
    "Label",
    "RankedDocument",
    "RankedDocuments",
    "RankedItems",
    "Reason",
    "Rendering",
    "RowError",
    "ScoredItem",
    "ScoredUser",
    "SimilarUsers",
    "Similarities",
    "Span",
    "StreamedPrediction",
    "TabularExplanation",
    "TabularResult",
    "TextEntities",
    "TextExplanation",
    "TensorResult",
    "TextResult",
    "Timing",
    "TokenAttribution",
    "Tokens",
    # Answers about speech.
    "ClipExplanation",
    "DetectedSpeech",
    "Recognition",
    "SegmentAttribution",
    "SpeechSegment",
    "StreamedTranscript",
    "Transcript",
    "Word",
    # Answers about images.
    "Box",
    "Comparison",
    "Detection",
    "Detections",
    "ImageExplanation",
    "Inspection",
    "Segment",
    "Segmentation",
    # What the fleet holds.
    "Card",
    "HealthStatus",
    "Metric",
    "Model",
    "ModelReplica",
    "ModelUpdate",
    "ModelVersion",
    "Provenance",
    "TensorSpec",
    "Worker",
]

_HOMES = (
    *("client", "aio_client", "errors", "results", "fleet_results"),
    *("recommendation_results", "speech_results", "tabular_results", "text_results", "vision_results"),
)


def __getattr__(name: str) -> object:
    if name in __all__:
        for home in _HOMES:
            module = import_module(f"argosy_client.{home}")
            if name in vars(module):
                return vars(module)[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
