# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What routes depend on. Equal values render equal routes, so nothing is rendered again when only endpoints change."""

from collections.abc import Mapping
from dataclasses import dataclass

from argosy_gateway.fleet import Fleet, ModelView
from argosy_gateway.traffic import Share, Traffic


@dataclass(frozen=True, slots=True)
class ModelRoute:
    """Where calls of a known model go: to its domain's replicas, or to the front where none can answer.

    A name that several domains use is known, and never answerable, in each.
    """

    name: str
    domains: tuple[str, ...]
    answerable: bool
    split: tuple[Share, ...] = ()
    """What versions get of the calls that name none; none of them where the choice is the worker's."""
    mirror: tuple[Share, ...] = ()
    """Versions to which copies are sent."""


@dataclass(frozen=True, slots=True)
class Routing:
    """All known models by name, and the default model of each (domain, method)."""

    models: Mapping[str, ModelRoute]
    defaults: Mapping[tuple[str, str], str]
    distant: bool = False
    """Whether some workers get calls only where no nearer one can answer."""

    def in_domain(self, domain: str) -> list[ModelRoute]:
        """Models of one domain."""
        return [model for model in self.models.values() if domain in model.domains]


def routing(fleet: Fleet) -> Routing:
    """Takes from a fleet what its routes depend on."""
    models = {name: _model(model, fleet.traffic.get(name, Traffic())) for name, model in fleet.models.items()}
    return Routing(models, dict(fleet.defaults), bool(fleet.distant))


def _model(model: ModelView, traffic: Traffic) -> ModelRoute:
    if not model.answerable:
        return ModelRoute(model.name, model.domains, False)
    return ModelRoute(model.name, model.domains, True, _answering(model, traffic.split), traffic.mirror)


def _answering(model: ModelView, split: tuple[Share, ...]) -> tuple[Share, ...]:
    """Leaves out versions that no replica can answer: the others share what they had.

    Where that leaves none, calls go to the version with most: its worker says what it lacks.
    """
    found = {version for worker in model.replicas for version in worker.answering(model.name)}
    return tuple(share for share in split if share.version in found) or tuple(
        sorted(split, key=lambda share: -share.hundredths)[:1]
    )
