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
    from argosy_client.results import (
        AudioResult,
        Embeddings,
        ImageResult,
        Label,
        RankedItems,
        Reason,
        ScoredItem,
        ScoredUser,
        SimilarUsers,
        TabularResult,
        TextResult,
        Timing,
        Tokens,
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
    "AudioResult",
    "Embeddings",
    "ImageResult",
    "Label",
    "RankedItems",
    "Reason",
    "ScoredItem",
    "ScoredUser",
    "SimilarUsers",
    "TabularResult",
    "TextResult",
    "Timing",
    "Tokens",
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

_HOMES = ("client", "aio_client", "errors", "results", "fleet_results")


def __getattr__(name: str) -> object:
    if name in __all__:
        for home in _HOMES:
            module = import_module(f"argosy_client.{home}")
            if name in vars(module):
                return vars(module)[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
