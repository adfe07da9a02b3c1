# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The custom resource ``Model`` as data: what it wants, taken from what the API server holds.

``deploy/k8s/crds`` has its schema, which refuses most of what cannot be meant; this refuses the rest.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from argosy.fleet.v1.worker_pb2 import GoldenSample, ModelSettings, ModelSource, VersionList, VersionPolicy
from pydantic import ValidationError

from argosy_gateway.document import ModelEntry
from argosy_gateway.traffic import Traffic

GROUP = "argosy.dev"
VERSION = "v1alpha1"
PLURAL = "models"
KIND = "Model"


class ModelResourceError(Exception):
    """A ``Model`` that cannot be used; the text names the field."""


@dataclass(frozen=True)
class Placement:
    """Which of the domain's workers have a model."""

    pool: str = ""
    """Name of the Service of the workers that may have it; empty takes all of the domain."""
    min_copies: int = 1
    max_copies: int = 0
    """0 sets no limit."""


@dataclass(frozen=True)
class Canary:
    """When a version is taken out of the shares of a model's calls."""

    label: str
    """Label of the version that is on trial."""
    stable: str
    """Label of the version with which it is compared."""
    max_error_percent: float | None
    """Failed calls that it may have more, in percent of its calls; None allows any."""
    max_latency_factor: float | None
    """How many times as long its 99th percentile may be; None allows any."""
    min_requests: int
    """Calls before anything is said of it."""


@dataclass(frozen=True)
class WantedModel:
    """What one ``Model`` wants. The messages in it are shared and never modified."""

    resource: str
    """Name of the resource."""
    uid: str
    generation: int
    created: str
    """When the resource was made, RFC 3339."""
    deleting: bool
    name: str
    """Name that callers use."""
    domain: str
    source: ModelSource
    entry: ModelEntry = field(default_factory=ModelEntry)
    """What it says as the fleet document does."""
    placement: Placement = field(default_factory=Placement)
    canary: Canary | None = None

    @property
    def labels(self) -> Mapping[str, int]:
        """The version of each label."""
        return self.entry.labels

    @property
    def loaded(self) -> bool:
        """Whether it is to be in service."""
        return self.entry.loaded

    @cached_property
    def traffic(self) -> Traffic:
        """How its versions share its calls."""
        return self.entry.traffic.resolved(self.labels)

    @cached_property
    def shares(self) -> str:
        """The same for people."""
        split = ", ".join(f"{name} {percent:g}" for name, percent in self.entry.traffic.split.items())
        mirror = ", ".join(f"{name} {percent:g}" for name, percent in self.entry.traffic.mirror.items())
        return "; ".join([*([split] if split else []), *([f"copies: {mirror}"] if mirror else [])])

    @cached_property
    def served(self) -> bool:
        """Whether workers are to answer with it."""
        return self.loaded and not self.deleting


def parse(resource: Mapping[str, Any]) -> WantedModel:
    """Takes a ``Model`` for what it says.

    Raises:
        ModelResourceError: it cannot be used.
    """
    about, spec = resource["metadata"], resource.get("spec")
    if not isinstance(spec, Mapping):
        raise ModelResourceError("spec: must be an object")
    try:
        entry = ModelEntry.model_validate({key: spec[key] for key in ("labels", "traffic", "loaded") if key in spec})
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in detail["loc"] if part != "[key]")
        message = detail["msg"].removeprefix("Value error, ")
        raise ModelResourceError(f"spec.{where}: {message}" if where else f"spec: {message}") from error
    try:
        place = spec.get("placement", {})
        return WantedModel(
            resource=about["name"],
            uid=about.get("uid", ""),
            generation=about.get("generation", 0),
            created=about.get("creationTimestamp", ""),
            deleting="deletionTimestamp" in about,
            name=name_of(resource),
            domain=spec["domain"],
            source=_source(spec),
            entry=entry,
            placement=Placement(place.get("pool", ""), place.get("minCopies", 1), place.get("maxCopies", 0)),
            canary=_canary(spec.get("canary"), entry.labels),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelResourceError(f"spec: cannot be used: {type(error).__name__}: {error}") from error


def name_of(resource: Mapping[str, Any]) -> str:
    """The name that callers use, which a resource says even where nothing else of it is understood."""
    spec = resource.get("spec")
    name: str = (spec.get("name") if isinstance(spec, Mapping) else "") or resource["metadata"]["name"]
    return name


def by_name(models: Iterable[WantedModel]) -> dict[str, WantedModel]:
    """The model of each name: of several resources with one name, the oldest."""
    found: dict[str, WantedModel] = {}
    for model in sorted(models, key=lambda model: (model.created, model.resource)):
        found.setdefault(model.name, model)
    return found


def _canary(rule: Mapping[str, Any] | None, labels: Mapping[str, int]) -> Canary | None:
    if rule is None:
        return None
    label, stable = rule.get("label", "canary"), rule.get("stable", "stable")
    for name in (label, stable):
        if name not in labels:
            raise ModelResourceError(f"spec.canary names the label '{name}', and labels does not have it")
    least = rule.get("minRequests", 100)
    return Canary(label, stable, rule.get("maxErrorPercent"), rule.get("maxLatencyFactor"), least)


def _source(spec: Mapping[str, Any]) -> ModelSource:
    source = ModelSource(uri=spec["source"]["uri"], sha256=spec["source"].get("sha256", ""), settings=_settings(spec))
    source.revision = hashlib.sha256(source.SerializeToString(deterministic=True)).hexdigest()[:16]
    return source


def _settings(spec: Mapping[str, Any]) -> ModelSettings:
    batching, limits = spec.get("batching", {}), spec.get("limits", {})
    return ModelSettings(
        max_batch_size=batching.get("maxBatchSize"),
        max_delay_ms=batching.get("maxDelayMs"),
        max_queue=limits.get("maxQueue"),
        max_items=limits.get("maxItems"),
        gpu_memory_mb=limits.get("gpuMemoryMb"),
        version_policy=_policy(spec.get("versionPolicy")),
        golden=[
            GoldenSample(file=each["file"], tolerance=each.get("tolerance"), versions=each.get("versions", ()))
            for each in spec.get("golden", ())
        ],
    )


def _policy(policy: Mapping[str, Any] | None) -> VersionPolicy | None:
    if not policy:
        return None
    if "listed" in policy:
        return VersionPolicy(listed=VersionList(versions=policy["listed"]))
    return VersionPolicy(latest=policy["latest"]) if "latest" in policy else VersionPolicy(all=True)
