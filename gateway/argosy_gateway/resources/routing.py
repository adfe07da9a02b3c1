# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What routes depend on. Equal values render equal routes, so nothing is rendered again when only endpoints change."""

from collections.abc import Mapping
from dataclasses import dataclass

from argosy_gateway.fleet import Fleet


@dataclass(frozen=True, slots=True)
class ModelRoute:
    """Where calls of a known model go: to its domain's replicas, or to the front where none can answer.

    A name that several domains use is known, and never answerable, in each.
    """

    name: str
    domains: tuple[str, ...]
    answerable: bool


@dataclass(frozen=True, slots=True)
class Routing:
    """All known models by name, and the default model of each (domain, method)."""

    models: Mapping[str, ModelRoute]
    defaults: Mapping[tuple[str, str], str]

    def in_domain(self, domain: str) -> list[ModelRoute]:
        """Models of one domain."""
        return [model for model in self.models.values() if domain in model.domains]


def routing(fleet: Fleet) -> Routing:
    """Takes from a fleet what its routes depend on."""
    models = {model.name: ModelRoute(model.name, model.domains, model.answerable) for model in fleet.models.values()}
    return Routing(models, dict(fleet.defaults))
